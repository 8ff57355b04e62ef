//! A portal to one repository, for benches: `download DATA-FOLDER REPOSITORY` makes rows in the data folder for a person and
//! their source, with every snapshot of the repository (whose password is `$RESTIC_PASSWORD`), prints a JSON line with the URL
//! of downloads and the person's token, and serves until its input ends.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[allow(dead_code, reason = "the bench asks as alice alone")]
#[path = "../tests/download/rows.rs"]
mod rows;

use std::io::{Read as _, Write as _};
use std::path::Path;

use axum::extract::Request;
use axum::middleware::{self, Next};
use bygone_common::{Clock, Secret};
use bygone_portal::Portal;
use bygone_store::{Actor, Role, Store, Who};
use bygone_vault::backend::{self, BackendOptions};
use bygone_vault::{Engine, EngineOptions, OpenOptions, Repository, Unlock};
use jiff::Timestamp;
use rows::{One, Rows};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let data = arguments.next().expect("the data folder");
    let repository = arguments.next().expect("the repository");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(serve(Path::new(&data), &repository));
}

async fn serve(data: &Path, location: &str) {
    let password = std::env::var("RESTIC_PASSWORD").expect("the repository's password");
    let backend = backend::open(&location.parse().unwrap(), &BackendOptions::default()).unwrap().backend;
    let engine = Engine::start(EngineOptions::default()).unwrap();
    let options = OpenOptions { cache_dir: Some(data.join("cache")), ..OpenOptions::default() };
    let repository = Repository::open(&engine, backend, Unlock::Password(Secret::new(password)), options).unwrap();
    let clock = Clock::real(Timestamp::now);
    let store = Store::open(&Store::file_url(&data.join("db")), clock).await.unwrap();
    let rows = Rows::new(&store).await;
    rows.catalog(&store, &repository).await;
    let (org, source, user) = (rows.org, rows.source, rows.alice);
    let portal = Portal::new(store, One(repository));
    let token = format!("Bearer {user}");
    let sign = middleware::from_fn(move |mut request: Request, next: Next| {
        let is_known = request.headers().get("authorization").is_some_and(|given| *given == *token);
        async move {
            if is_known {
                request.extensions_mut().insert(Actor::new(Who::User(user), Some(org), Role::User));
            }
            next.run(request).await
        }
    });
    let (routes, _) = bygone_portal::routes().split_for_parts();
    let router = axum::Router::new().nest("/portal/v1", routes).layer(sign).with_state(portal);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let url = format!("http://{address}/portal/v1/sources/{source}/download");
    println!("{}", serde_json::json!({ "url": url, "token": user.to_string() }));
    std::io::stdout().flush().unwrap();
    let ended = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
    let ended = async move { ended.await.unwrap().map(drop).unwrap() };
    axum::serve(listener, router).with_graceful_shutdown(ended).await.unwrap();
}
