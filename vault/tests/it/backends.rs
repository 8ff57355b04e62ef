//! What every kind of storage promises, over real servers that stock restic wrote to.

mod contract;
mod local;
mod object_lock;
mod rest;
mod rest_v1;
mod s3;
mod s3_wire;
mod sftp;
mod wire;
mod writing;
