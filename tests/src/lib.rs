//! Starts real components on loopback for tests, and stops them when dropped: an S3 server, sshd, a REST server, stock
//! restic and rustic. Makes source trees with every kind of node, and compares trees in all that can be seen of them.
//!
//! Everything lies in temporary folders, every port is free at the moment it is taken, and a component is ready when its
//! `start` returns. What is not installed makes the test fail by name: nothing is skipped.
//!
//! Never: any other crate of ours, so that each of them can be tested with it.
#![cfg(unix)]
// This crate is test code: a failure to start something is a failed test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod certificates;
pub mod compare;
pub mod far;
pub mod heavy;
pub mod http_relay;
pub mod kept;
pub mod narrow;
pub mod noise;
pub mod oidc;
pub mod ports;
pub mod postgres;
pub mod process;
pub mod rclone_s3;
pub mod relay;
pub mod rest;
pub mod restic;
pub mod rustic;
pub mod s3;
pub mod sftp;
pub mod source_tree;
pub mod tools;
