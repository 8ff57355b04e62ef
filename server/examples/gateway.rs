//! A server with repositories behind its gateway, for benches: `gateway DATA-FOLDER LOCATION…` makes one repository for each
//! location (a folder below `DATA-FOLDER/repositories/bench/`, or storage elsewhere that needs no credential), to be filled by
//! restic's own `init`, prints a JSON line of URLs, names and passwords for each, and serves until its input ends.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};

use bygone_common::{Clock, RepositoryUid};
use bygone_server::gateway::{new_secret, secret_hash};
use bygone_server::secrets::Purpose;
use bygone_server::{Config, Roles, Server};
use bygone_store::gateway_credentials::{GatewayAccess, NewGatewayCredential};
use bygone_store::orgs::{NewOrg, Quota};
use bygone_store::repositories::{AgentRoute, NewRepository, StorageClass};
use bygone_store::{Actor, Role, Who};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let data = arguments.next().expect("the data folder");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(serve(&data, arguments.collect()));
}

async fn serve(data: &str, locations: Vec<String>) {
    let variables = BTreeMap::from([
        ("SERVER__DATA".to_owned(), data.to_owned()),
        ("SERVER__LISTEN".to_owned(), "127.0.0.1:0".to_owned()),
        ("SERVER__AGENT_LISTEN".to_owned(), "127.0.0.1:0".to_owned()),
        ("STORAGE__ALLOWED_NETWORKS".to_owned(), "127.0.0.1".to_owned()),
    ]);
    let config = Config::parse("", &variables).unwrap();
    let server = Server::start(config, Clock::real(jiff::Timestamp::now), Roles::ALL).await.unwrap();
    let app = server.app().clone();
    let root = Actor::new(Who::System("bench"), None, Role::Root);
    let new = NewOrg { name: "bench".to_owned(), title: "Bench".to_owned(), quota: Quota::default() };
    let org = app.store.orgs().create(&root, &new).await.unwrap().uid;
    let admin = Actor::new(Who::System("bench"), Some(org), Role::Admin);
    for (number, location) in locations.into_iter().enumerate() {
        let (uid, name) = (app.store.uid(RepositoryUid::new), format!("r{number}"));
        let password_sealed = app.secrets.seal(Purpose::RepositoryPassword, &uid.to_string(), b"bygone-bench").unwrap();
        let location = match location.as_str() {
            "local" => app.storages.managed("bench", &name).to_string(),
            _ => location,
        };
        let new = NewRepository {
            uid,
            name: name.clone(),
            location: location.clone(),
            credential: None,
            password_sealed,
            restic_id: String::new(),
            format: 2,
            class: StorageClass::Hot,
            agent_route: AgentRoute::Gateway,
            worm_days: None,
            bytes_max: None,
            adopted: false,
        };
        app.store.repositories().create(&admin, org, &new).await.unwrap();
        let (username, secret) = new_secret().unwrap();
        let credential = NewGatewayCredential {
            repository: uid,
            name: "bench".to_owned(),
            username: username.clone(),
            secret_hash: secret_hash(secret.expose()),
            access: GatewayAccess::Full,
            user: None,
            agent: None,
            expires_at: None,
        };
        app.store.gateway_credentials().create(&admin, org, &credential).await.unwrap();
        let line = serde_json::json!({
            "url": format!("rest:http://{}/restic/bench/{name}/", server.address()),
            "username": username,
            "password": secret.expose(),
            "location": location,
        });
        println!("{line}");
    }
    println!("ready");
    std::io::stdout().flush().unwrap();
    let ended = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
    ended.await.unwrap().unwrap();
    server.stop().await;
}
