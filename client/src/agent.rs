//! The agent protocol: `/agent/v1` over mutual TLS.

use std::time::Duration;

use bygone_common::JobUid;
use bygone_common::protocol::{
    ClaimRequest, EnrolRequest, EnrolResponse, FinishRequest, HeartbeatRequest, HeartbeatResponse, JobLease,
    LogRequest, PROTOCOL_VERSION, ProgressRequest, RenewRequest, RenewResponse, Standing, StandingRequest,
    StartRequest,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, ErrorKind, Result};
use crate::http::{CALL_MAX, Http};
use crate::tls::{Identity, Trust};

/// What a kept-back answer may take longer than was asked for.
const CLAIM_EXTRA: Duration = Duration::from_secs(15);

/// A server as an agent sees it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct AgentClient {
    http: Http,
}

impl AgentClient {
    /// The server before we have a certificate: only [`enrol`](Self::enrol) works.
    ///
    /// # Errors
    /// `Invalid`: the URL or the authority.
    pub fn enrolling(url: &str, trust: &Trust) -> Result<Self> {
        Ok(Self { http: Http::new(url, trust, None)? })
    }

    /// The server, to whom we are known. No other authority than `ca` is trusted.
    ///
    /// # Errors
    /// `Invalid`: the URL, the authority or our certificate.
    pub fn new(url: &str, ca: &str, identity: &Identity) -> Result<Self> {
        Ok(Self { http: Http::new(url, &Trust::Authority(ca.to_owned()), Some(identity))? })
    }

    /// The server's URL.
    pub fn url(&self) -> &str {
        self.http.url()
    }

    /// Becomes an agent.
    ///
    /// # Errors
    /// `Denied`: the token, whose code says why; what else the server answers.
    pub async fn enrol(&self, request: &EnrolRequest) -> Result<EnrolResponse> {
        self.call("enrol", "/agent/v1/enrol", request).await
    }

    /// Gets the next certificate.
    ///
    /// # Errors
    /// What the server answers.
    pub async fn renew(&self, csr: String) -> Result<RenewResponse> {
        let request = RenewRequest { version: PROTOCOL_VERSION, csr };
        self.call("renew the certificate", "/agent/v1/renew", &request).await
    }

    /// Says that we are there.
    ///
    /// # Errors
    /// `Denied` once we are revoked; what else the server answers.
    pub async fn heartbeat(&self, request: &HeartbeatRequest) -> Result<HeartbeatResponse> {
        self.call("send a heartbeat", "/agent/v1/heartbeat", request).await
    }

    /// Asks for work, and waits for up to so many seconds until there is some.
    ///
    /// # Errors
    /// As [`heartbeat`](Self::heartbeat).
    pub async fn claim(&self, wait_seconds: u32) -> Result<Option<JobLease>> {
        let request = ClaimRequest { version: PROTOCOL_VERSION, wait_seconds };
        let within = Duration::from_secs(wait_seconds.into()) + CLAIM_EXTRA;
        self.http.post("ask for work", "/agent/v1/claim", &request, within).await
    }

    /// Says that a job has begun.
    ///
    /// # Errors
    /// `Conflict`: the lease is lost.
    pub async fn start(&self, job: JobUid, request: &StartRequest) -> Result<Standing> {
        self.report(job, "start", request).await
    }

    /// Keeps a job.
    ///
    /// # Errors
    /// `Conflict`: the lease is lost.
    pub async fn keep(&self, job: JobUid, request: &StandingRequest) -> Result<Standing> {
        self.report(job, "renew", request).await
    }

    /// Says how far a job has come.
    ///
    /// # Errors
    /// `Conflict`: the lease is lost.
    pub async fn progress(&self, job: JobUid, request: &ProgressRequest) -> Result<Standing> {
        self.report(job, "progress", request).await
    }

    /// Sends lines of a job's log.
    ///
    /// # Errors
    /// `Conflict`: the lease is lost.
    pub async fn log(&self, job: JobUid, request: &LogRequest) -> Result<Standing> {
        self.report(job, "log", request).await
    }

    /// Says how a job ended.
    ///
    /// # Errors
    /// `Conflict`: the lease is lost, and the job somebody else's.
    pub async fn finish(&self, job: JobUid, request: &FinishRequest) -> Result<()> {
        let path = format!("/agent/v1/jobs/{job}/finish");
        self.http.post::<serde_json::Value>("report the end of a job", &path, request, CALL_MAX).await.map(drop)
    }

    /// Leaves: no certificate of ours is good for anything from then on.
    ///
    /// # Errors
    /// What the server answers.
    pub async fn unenrol(&self) -> Result<()> {
        let nothing = serde_json::json!({});
        self.http.post::<serde_json::Value>("unenrol", "/agent/v1/unenrol", &nothing, CALL_MAX).await.map(drop)
    }

    async fn report(&self, job: JobUid, what: &str, request: &(impl Serialize + Sync)) -> Result<Standing> {
        self.call(&format!("report on a job ({what})"), &format!("/agent/v1/jobs/{job}/{what}"), request).await
    }

    async fn call<A: DeserializeOwned>(&self, doing: &str, path: &str, request: &(impl Serialize + Sync)) -> Result<A> {
        let answer = self.http.post(doing, path, request, CALL_MAX).await?;
        answer.ok_or_else(|| Error::new(ErrorKind::Protocol, format!("{doing}: the server answers nothing")))
    }
}
