//! Rows, transactions, and who may do what.
