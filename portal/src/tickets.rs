//! Tickets: the way by which browsers and download managers take files away, without the rights of a session in their hands.
//!
//! A ticket is made by somebody who is signed in. Its URL is redeemed by the first request for it, which gets a cookie that
//! is good for that URL alone; with it the download goes on, in parts, after breaks and restarts. Rights are asked for anew by
//! every request: what was forgotten or withdrawn meanwhile is gone.

use axum::Router;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bygone_common::{SourceUid, TicketUid};
use bygone_http::extract::{Json, Path};
use bygone_http::{Problem, ProblemCode, Result};
use bygone_store::tickets::{Bearer, NewTicket, Redeemed, Refusal, SESSION_LIFETIME, Ticket};
use bygone_store::{Actor, Who};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::asker::{Asker, Visitor};
use crate::downloads::choice::{As, ITEMS_MAX, Item, name_of};
use crate::downloads::ledger::{Receipt, What};
use crate::moment::At;
use crate::names::path_of;
use crate::portal::Portal;

/// Where tickets are redeemed.
pub const ROOT: &str = "/dl";
/// Bytes of a ticket, and of a cookie's value: as many as nobody can guess.
const SECRET_BYTES: usize = 24;
/// The cookie of a download session.
const COOKIE: &str = "bygone-download";
/// Bytes of a name that is asked for.
const NAME_BYTES_MAX: usize = 255;

pub(crate) fn routes() -> OpenApiRouter<Portal> {
    OpenApiRouter::new().routes(routes!(create)).routes(routes!(revoke))
}

/// The routes by which tickets are redeemed: for anybody, as far as the ticket goes.
pub(crate) fn redeeming() -> Router<Portal> {
    Router::new().route("/{ticket}", get(redeem)).route("/{ticket}/{name}", get(redeem))
}

/// As what files are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FormBody {
    /// One file, as it is.
    File,
    /// A tar: with owners, permissions and links.
    Tar,
    /// A zip: for any system.
    Zip,
}

impl FormBody {
    pub(crate) const fn form(self) -> As {
        match self {
            Self::File => As::File,
            Self::Tar => As::Archive(crate::archive::Form::Tar),
            Self::Zip => As::Archive(crate::archive::Form::Zip),
        }
    }
}

/// A file or folder.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ItemBody {
    /// A time, the beginning of a snapshot's id, or `latest`, which it is if nothing is said.
    at: Option<String>,
    /// Where it lies.
    path: Option<String>,
    /// The same in base64, where it is not UTF-8.
    path_base64: Option<String>,
}

/// What a ticket is for.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTicketBody {
    /// Of which source.
    #[schema(value_type = String)]
    source: SourceUid,
    /// What of it.
    items: Vec<ItemBody>,
    /// As what it is sent.
    #[serde(rename = "as")]
    form: FormBody,
    /// What it is saved as; by the file or folder if not said.
    name: Option<String>,
    /// Whether only the address that asks now may redeem it.
    #[serde(default)]
    only_from_here: bool,
}

/// A ticket. The URL holds it, and is shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub struct TicketBody {
    #[schema(value_type = String)]
    uid: TicketUid,
    /// Where it is redeemed.
    url: String,
    name: String,
    /// Bytes of what will be sent.
    bytes: u64,
    /// The entity tag of what will be sent.
    etag: String,
    /// When it can no longer be redeemed.
    #[schema(value_type = String)]
    expires_at: Timestamp,
}

/// Make a ticket to download files.
#[utoipa::path(post, path = "/tickets", tag = "downloads", request_body = NewTicketBody,
    responses((status = 201, body = TicketBody), (status = "default", body = Problem)))]
async fn create(
    State(portal): State<Portal>,
    Asker(actor): Asker,
    Json(body): Json<NewTicketBody>,
) -> Result<Response> {
    let source = portal.source(&actor, body.source).await?;
    if body.items.is_empty() || body.items.len() > ITEMS_MAX {
        return Err(Problem::invalid("items", format!("a download has 1 to {ITEMS_MAX} files and folders")));
    }
    let mut items = Vec::with_capacity(body.items.len());
    let mut repository = None;
    for item in &body.items {
        let path = path_of(item.path.as_deref(), item.path_base64.as_deref())?;
        let moment = portal.moment(&source, &At::parse(item.at.as_deref())).await?;
        repository = Some(moment.snapshot.repository);
        items.push(Item::new(&moment.snapshot.id, &path));
    }
    let Some(repository) = repository else { return Err(Problem::invalid("items", "nothing was chosen")) };
    let form = body.form.form();
    let name = body.name.unwrap_or_else(|| name_of(&items, &source.source().name, form));
    if name.is_empty() || name.len() > NAME_BYTES_MAX || name.chars().any(char::is_control) {
        return Err(Problem::invalid("name", "a name has 1 to 255 bytes and no control characters"));
    }
    let chosen = portal.choose(&source, &items, form, &name).await?;
    let secret = secret();
    let new = NewTicket {
        source: source.source().uid,
        repository,
        hash: hash(&secret),
        items: serde_json::to_value(&items).map_err(|_| Problem::new(ProblemCode::Internal, "the server failed"))?,
        form: form.name(),
        name,
        address: actor.address().filter(|_| body.only_from_here),
    };
    let ticket = portal.store.tickets().create(&actor, source.source().org, &new).await?;
    let file = percent_encoding::utf8_percent_encode(&ticket.name, percent_encoding::NON_ALPHANUMERIC);
    let body = TicketBody {
        uid: ticket.uid,
        url: format!("{ROOT}/{secret}/{file}"),
        bytes: chosen.sendable.content.size(),
        etag: chosen.sendable.validators.etag.to_string(),
        name: ticket.name,
        expires_at: ticket.expires_at,
    };
    Ok((StatusCode::CREATED, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response())
}

/// End a ticket, and what is downloaded with it.
#[utoipa::path(delete, path = "/tickets/{ticket}", tag = "downloads",
    params(("ticket" = String, Path, description = "Its uid")),
    responses((status = 204), (status = "default", body = Problem)))]
async fn revoke(State(portal): State<Portal>, Asker(actor): Asker, Path(uid): Path<TicketUid>) -> Result<StatusCode> {
    let org = actor.org().ok_or_else(|| Problem::not_found(format_args!("ticket {uid}")))?;
    portal.store.tickets().revoke(&actor, org, uid).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The parts of a redeeming URL: the name is for people.
#[derive(Debug, Deserialize)]
struct Redeeming {
    ticket: String,
}

async fn redeem(
    State(portal): State<Portal>,
    Extension(visitor): Extension<Visitor>,
    Path(Redeeming { ticket: secret }): Path<Redeeming>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response> {
    let fresh = self::secret();
    let bearer = Bearer {
        cookie_hash: cookie(&headers).map(|value| hash(&value)),
        address: visitor.address,
        user: visitor.actor.as_ref().and_then(|actor| actor.who().user()),
    };
    let server = Actor::installation("downloads").from_request(visitor.correlation, visitor.address);
    let redeemed = portal.store.tickets().redeem(&server, &hash(&secret), &bearer, &hash(&fresh)).await?;
    let (ticket, is_new) = match redeemed {
        Redeemed::Begun(ticket) => (ticket, true),
        Redeemed::Known(ticket) => (ticket, false),
        Redeemed::Refused(refusal) => return Err(refused(refusal)),
    };
    let mut response =
        answer(&portal, &visitor, &ticket, &method, &headers).await.unwrap_or_else(IntoResponse::into_response);
    if is_new {
        response.headers_mut().insert(header::SET_COOKIE, set_cookie(&secret, &fresh, visitor.is_secure)?);
    }
    Ok(response)
}

/// What a ticket is for, under the rights that its user has now.
async fn answer(
    portal: &Portal,
    visitor: &Visitor,
    ticket: &Ticket,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Response> {
    let actor = user_of(portal, visitor, ticket).await?;
    let source = portal.source(&actor, ticket.source).await.map_err(gone)?;
    let items: Vec<Item> = serde_json::from_value(ticket.items.clone()).map_err(|error| {
        tracing::error!(%error, ticket = %ticket.uid, "a ticket holds what it must not");
        Problem::new(ProblemCode::Internal, "the server failed; its log says how")
    })?;
    let form = As::of(&ticket.form).ok_or_else(|| Problem::new(ProblemCode::Internal, "the server failed"))?;
    let chosen = portal.choose(&source, &items, form, &ticket.name).await.map_err(gone)?;
    let what = What::Ticket(Box::new(ticket.clone()));
    portal.send(method, headers, chosen, Receipt { actor, org: ticket.org, what }).await
}

/// The ticket's user, with the role of now; whoever was kept out meanwhile gets nothing.
async fn user_of(portal: &Portal, visitor: &Visitor, ticket: &Ticket) -> Result<Actor> {
    let server = Actor::system("downloads", ticket.org);
    let user =
        portal.store.users().get(&server, Some(ticket.org), ticket.user).await.map_err(|error| gone(error.into()))?;
    if user.disabled {
        return Err(gone(Problem::not_found("this ticket")));
    }
    Ok(Actor::new(Who::User(user.uid), user.org, user.role).from_request(visitor.correlation, visitor.address))
}

/// What a ticket was for, and is not there any more: forgotten, withdrawn, or hidden.
fn gone(problem: Problem) -> Problem {
    match problem.code() {
        ProblemCode::NotFound | ProblemCode::Forbidden => {
            Problem::new(ProblemCode::Gone, "what this ticket was for is not there any more")
        }
        _ => problem,
    }
}

fn refused(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::Unknown => Problem::not_found("this ticket"),
        Refusal::Expired => Problem::new(ProblemCode::Gone, "this ticket has expired: ask for another"),
        Refusal::Used => Problem::new(ProblemCode::Forbidden, "this ticket was redeemed before: ask for another"),
        Refusal::OtherUser => Problem::new(ProblemCode::Forbidden, "this ticket is somebody else's"),
        Refusal::OtherAddress => Problem::new(ProblemCode::Forbidden, "this ticket is for another address"),
    }
}

/// A new secret for a URL or a cookie.
fn secret() -> String {
    // Two random UUIDs have more random bits than are kept.
    let random = [uuid::Uuid::new_v4(), uuid::Uuid::new_v4()].map(uuid::Uuid::into_bytes).concat();
    let mixed = Sha256::digest(random);
    URL_SAFE_NO_PAD.encode(mixed.get(..SECRET_BYTES).unwrap_or_default())
}

fn hash(secret: &str) -> String {
    hex::encode(Sha256::digest(secret))
}

/// The value of the download's cookie.
fn cookie(headers: &HeaderMap) -> Option<String> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE).map(|(_, value)| value.to_owned())
}

/// The cookie is sent back for this ticket's URL alone, to nobody's scripts, and from no other site.
fn set_cookie(ticket: &str, value: &str, is_secure: bool) -> Result<HeaderValue> {
    let secure = if is_secure { "; Secure" } else { "" };
    let seconds = SESSION_LIFETIME.as_secs();
    let text = format!("{COOKIE}={value}; Path={ROOT}/{ticket}; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}");
    let mut header = HeaderValue::from_str(&text).map_err(|_| refused(Refusal::Unknown))?;
    header.set_sensitive(true);
    Ok(header)
}
