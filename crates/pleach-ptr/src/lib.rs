//! Reference-counted node pointers for copy-on-write trees: a slim tagged kind and a standard one.
