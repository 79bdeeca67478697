"""Examples of rules as listings."""

from __future__ import annotations

from scanner.model import Listing, Seller
from scanner.rulebook.model import Example

PLATFORM = "example"


def listing_of(example: Example, *, listing_id: str) -> Listing:
    """The listing that an example describes."""
    seller = example.seller
    return Listing(
        platform=PLATFORM,
        listing_id=listing_id,
        text=example.text,
        title=example.title,
        description=example.description,
        hidden_text=example.hidden_text,
        options=example.options,
        attributes=dict(example.attributes),
        category_path=example.category_path,
        questions=example.questions,
        brand=example.brand,
        price=example.price,
        currency=example.currency,
        quantity=example.quantity,
        availability=example.availability,
        language=example.language,
        seen_at=example.seen_at,
        seller=Seller(name=seller.name, kind=seller.kind, licences=seller.licences, registered_at=seller.registered_at),
    )


def shown(example: Example) -> str:
    """The first words of an example, for messages."""
    said = (example.title, example.text, example.description, *example.options, *example.attributes.values())
    return next((text for text in said if text), example.hidden_text)[:60]
