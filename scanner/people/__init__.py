"""Who may use Delist: accounts, sessions, tokens of services. Every change is an event."""
