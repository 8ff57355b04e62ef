//! The HTTP API of a Bygone server, from outside.
