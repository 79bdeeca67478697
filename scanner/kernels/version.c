/* Which sources a library was built from: one that was built from others than lie beside it is not used. */

/* The digest that scanner/kernels/sources.py makes; given by the compiler's command line. */
const char *delist_sources(void) { return DELIST_SOURCES; }
