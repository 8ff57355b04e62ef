//! Asks a server for work on this machine, and does it.
