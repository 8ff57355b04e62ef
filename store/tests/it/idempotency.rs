use bygone_store::idempotency::{ANSWER_KEPT, ANSWER_WAIT_MAX, KeptAnswer, Known, Repeatable};

use super::support::on_both;

fn request(who: &str, key: &str, hash: &str) -> Repeatable {
    Repeatable { who: who.to_owned(), key: key.to_owned(), request_hash: hash.to_owned() }
}

#[test]
fn a_repetition_gets_the_first_answer() {
    on_both(|store| async move {
        let first = request("ann", "k", "a");
        assert_eq!(store.idempotency().begin(&first).await.unwrap(), Known::First);
        assert_eq!(store.idempotency().begin(&first).await.unwrap(), Known::Underway);
        let answer = KeptAnswer { status: 201, headers: "{}".to_owned(), body: vec![0, 255, 7] };
        store.idempotency().keep(&first, &answer).await.unwrap();
        assert_eq!(store.idempotency().begin(&first).await.unwrap(), Known::Answered(answer));
        assert_eq!(store.idempotency().begin(&request("ann", "k", "b")).await.unwrap(), Known::Different);
        assert_eq!(store.idempotency().begin(&request("bob", "k", "b")).await.unwrap(), Known::First);
    });
}

#[test]
fn a_key_is_free_again_after_what_failed_or_broke_off_or_is_old() {
    on_both(|store| async move {
        let one = request("ann", "k", "a");
        store.idempotency().begin(&one).await.unwrap();
        store.idempotency().give_up(&one).await.unwrap();
        assert_eq!(store.idempotency().begin(&one).await.unwrap(), Known::First);
        store.clock().advance(ANSWER_WAIT_MAX * 2);
        assert_eq!(store.idempotency().begin(&one).await.unwrap(), Known::First, "the server died in the middle");
        let answer = KeptAnswer { status: 201, headers: "{}".to_owned(), body: Vec::new() };
        store.idempotency().keep(&one, &answer).await.unwrap();
        store.idempotency().give_up(&one).await.unwrap();
        assert_eq!(store.idempotency().begin(&one).await.unwrap(), Known::Answered(answer));
        store.clock().advance(ANSWER_KEPT * 2);
        assert_eq!(store.idempotency().begin(&one).await.unwrap(), Known::First);
    });
}
