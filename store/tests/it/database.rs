//! Databases that do not open.

use std::error::Error as _;

use bygone_common::Clock;
use bygone_store::{ErrorKind, Store};
use jiff::Timestamp;

#[tokio::test]
async fn a_database_that_refuses_is_told_with_its_reason() {
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("postgres://{}/bygone", taken.local_addr().unwrap());
    drop(taken);
    let fault = Store::open(&url, Clock::real(Timestamp::now)).await.err().unwrap();
    assert_eq!(*fault.kind(), ErrorKind::Unavailable);
    assert!(fault.source().unwrap().to_string().contains("refused"), "{fault:?}");
}
