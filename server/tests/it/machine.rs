//! Machines that become agents. They ask the agents' own routes, without a network between.

use bygone_common::Secret;
use bygone_common::protocol::{EnrolRequest, Facts, PROTOCOL_VERSION};
use bygone_server::agent_api::simulated::{Certificate, Simulated};
use rcgen::{CertificateParams, KeyPair};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::support::{Client, Stack};

/// An agent.
pub(crate) struct Machine {
    simulated: Simulated,
    certificate: Certificate,
    pub(crate) uid: String,
}

impl Machine {
    /// Becomes one with a token; otherwise what was answered.
    pub(crate) async fn enrol(stack: &Stack, token: &str, hostname: &str) -> Result<Self, (StatusCode, Value)> {
        let simulated = Simulated::of(stack.server.as_ref().unwrap().app());
        let key = KeyPair::generate().unwrap();
        let request = EnrolRequest {
            version: PROTOCOL_VERSION,
            token: Secret::new(token.to_owned()),
            csr: CertificateParams::default().serialize_request(&key).unwrap().pem().unwrap(),
            facts: Facts { hostname: hostname.to_owned(), os: "linux".to_owned(), ..Facts::default() },
        };
        let nobody = Certificate::of_pem("");
        let (status, body) = simulated.post(&nobody, "/agent/v1/enrol", &json!(request)).await;
        if status != StatusCode::OK {
            return Err((status, body));
        }
        let certificate = Certificate::of_pem(body["certificate"].as_str().unwrap());
        Ok(Self { simulated, certificate, uid: body["agent"].as_str().unwrap().to_owned() })
    }

    /// The same with a new token of an organization.
    pub(crate) async fn new(stack: &Stack, admin: &Client, org: &str, hostname: &str) -> Self {
        let made = admin.post(&format!("/api/v1/orgs/{org}/enrolment-tokens"), json!({ "note": hostname })).await;
        assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
        Self::enrol(stack, made.json()["secret"].as_str().unwrap(), hostname).await.unwrap()
    }

    /// Asks below `/agent/v1`.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        self.simulated.post(&self.certificate, &format!("/agent/v1{path}"), body).await
    }

    /// Asks for work, and does not wait for it.
    pub(crate) async fn claim(&self) -> (StatusCode, Value) {
        self.claim_within(0).await
    }

    /// The same, waiting for a job: what the server does at the repository may come first.
    pub(crate) async fn claim_within(&self, seconds: u32) -> (StatusCode, Value) {
        self.post("/claim", &json!({ "version": PROTOCOL_VERSION, "wait_seconds": seconds })).await
    }
}
