//! The contract of live coordination: what every engine has to do, whichever
//! keeps it. Each test runs on all engines that are there.

use std::sync::{Arc, Barrier};
use std::time::Duration;

use super::*;
use crate::model::{Claim, EventKind, NewClaim, NewEvent, Resource, SafeText, Session, SessionIdentity};

/// One connection to what several may use at once.
type Connect = Arc<dyn Fn() -> Box<dyn LiveStore> + Send + Sync>;

/// Runs a test on every engine, each with a project that nobody else uses.
fn on_every_engine(test: impl Fn(&Connect)) {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::unchecked(&folder.path().join("waypost.db"), folder.path());
    test(&(Arc::new(move || Box::new(Store::create(&database).unwrap()) as Box<dyn LiveStore>) as Connect));
    #[cfg(feature = "team")]
    match std::env::var(SERVER) {
        Ok(url) => test(&on_server(url)),
        Err(_) => eprintln!("not on PostgreSQL: {SERVER} names no server"),
    }
}

/// Names a server with a database that tests may fill.
#[cfg(feature = "team")]
const SERVER: &str = "WAYPOST_TEST_POSTGRES";

#[cfg(feature = "team")]
fn on_server(url: String) -> Connect {
    use super::postgres::{Address, Setup, TeamStore};
    let project = format!("test-{}", crate::memory::new_id(now_ms() as u64, crate::memory::random()));
    Arc::new(move || {
        let address = Address::parse(&url, &|_, _, _, _| None).unwrap();
        let patience = Duration::from_secs(60);
        Box::new(TeamStore::connect(&address, &project, Setup::Create, patience).unwrap())
    })
}

fn text(text: &str) -> SafeText {
    SafeText::from_redacted(text.to_string())
}

fn now_ms() -> i64 {
    std::time::UNIX_EPOCH.elapsed().unwrap().as_millis() as i64
}

fn begin(live: &mut dyn LiveStore, id: &str) -> Session {
    let who = SessionIdentity { agent: text(id), worktree: text("/w"), ..SessionIdentity::default() };
    live.begin_session(id, &who, now_ms()).unwrap()
}

fn path(key: &str) -> Resource {
    Resource { key: key.to_string(), shown: text(key.trim_start_matches('/')) }
}

fn wish(session: &Session, key: &str) -> NewClaim {
    NewClaim { resource: path(key), session: session.seq, shared: false, note: text("mine"), ttl_ms: 60_000 }
}

const NO: &dyn Fn(&Claim) -> bool = &|_| false;

fn is_held(verdict: ClaimVerdict) -> bool {
    matches!(verdict, ClaimVerdict::Held { .. })
}

fn try_claim(live: &mut dyn LiveStore, wish: &NewClaim) -> bool {
    is_held(live.claim(wish, now_ms(), NO).unwrap())
}

/// Kind and text of all that was logged.
fn log(live: &mut dyn LiveStore) -> Vec<(EventKind, String)> {
    let events = live.logged(&LogFilter::default()).unwrap();
    events.into_iter().map(|event| (event.kind, event.text.to_string())).collect()
}

#[test]
fn a_session_begins_gives_signs_of_life_and_ends_for_good() {
    on_every_engine(|connect| {
        let mut live = connect();
        let began = begin(&mut *live, "ann-1");
        assert_eq!((began.id.as_str(), began.identity.agent.as_str()), ("ann-1", "ann-1"));
        assert_eq!((began.ended_ms, began.leased_until_ms), (None, None));
        let event = NewEvent::new(Some(began.seq), EventKind::Milestone, text("half way"));
        let beat = Beat {
            at_ms: now_ms() + 5_000,
            owner: Some("host:1:2".to_string()),
            doing: Some(text("reads")),
            events: vec![event],
        };
        assert!(live.beat(began.seq, &beat).unwrap());
        let beaten = live.session("ann").unwrap().expect("the only one whose id begins so");
        assert!(beaten.beat_ms >= began.beat_ms + 4_000, "{} {}", beaten.beat_ms, began.beat_ms);
        assert_eq!(beaten.identity.owner.as_deref(), Some("host:1:2"));
        // A sign of life from before, and one that says nothing, take nothing back.
        assert!(live.beat(began.seq, &Beat { at_ms: 1, ..Beat::default() }).unwrap());
        let same = live.session("ann-1").unwrap().unwrap();
        assert_eq!((same.beat_ms, same.doing.as_str()), (beaten.beat_ms, "reads"));
        assert!(live.end_session(began.seq, Some(&text("done")), now_ms()).unwrap());
        assert!(!live.end_session(began.seq, None, now_ms()).unwrap());
        assert!(!live.beat(began.seq, &beat).unwrap());
        let ended = live.session("ann-1").unwrap().unwrap();
        assert!(ended.ended_ms.is_some() && ended.summary.as_str() == "done");
        let told = [(EventKind::SessionStart, ""), (EventKind::Milestone, "half way")];
        let told = told.into_iter().chain([(EventKind::SessionEnd, "done")]);
        assert_eq!(log(&mut *live), told.map(|(kind, text)| (kind, text.to_string())).collect::<Vec<_>>());
    });
}

#[test]
fn sessions_are_found_by_a_beginning_that_only_one_has_and_listed_by_their_sign_of_life() {
    on_every_engine(|connect| {
        let mut live = connect();
        let all: Vec<Session> = ["a*1", "a*2", "b_%"].map(|id| begin(&mut *live, id)).into();
        let beat = Beat { at_ms: now_ms() + 60_000, ..Beat::default() };
        live.beat(all[0].seq, &beat).unwrap();
        let found = |live: &mut dyn LiveStore, id: &str| live.session(id).unwrap().map(|found| found.id);
        assert_eq!(found(&mut *live, "a*2").as_deref(), Some("a*2"));
        assert_eq!(found(&mut *live, "b").as_deref(), Some("b_%"));
        for nobody in ["a", "a*", "*", "b%", "c", "%"] {
            assert_eq!(found(&mut *live, nobody), None, "{nobody}");
        }
        live.end_session(all[1].seq, None, now_ms()).unwrap();
        let ids = |live: &mut dyn LiveStore, filter: SessionFilter| {
            let found = live.sessions(&filter).unwrap().into_iter();
            found.map(|session| session.id).collect::<Vec<_>>()
        };
        let open = SessionFilter { ended: Some(false), ..SessionFilter::default() };
        assert_eq!(ids(&mut *live, open), ["a*1", "b_%"]);
        assert_eq!(ids(&mut *live, SessionFilter { ended: Some(true), ..open }), ["a*2"]);
        assert_eq!(ids(&mut *live, SessionFilter { limit: Some(1), ..SessionFilter::default() }), ["a*1"]);
        let since_ms = Some(now_ms() + 30_000);
        assert_eq!(ids(&mut *live, SessionFilter { since_ms, ..SessionFilter::default() }), ["a*1"]);
    });
}

#[test]
fn the_log_keeps_its_order_and_is_read_by_session_conversation_kind_and_from_a_point_on() {
    on_every_engine(|connect| {
        let mut live = connect();
        let conversation = Some(text("talk"));
        let who = SessionIdentity { conversation, ..SessionIdentity::default() };
        let talk = live.begin_session("talk", &who, now_ms()).unwrap();
        let other = begin(&mut *live, "other");
        let event = |session: &Session, kind, said: &str| NewEvent::new(Some(session.seq), kind, text(said));
        let full = NewEvent {
            path: Some(text("src/a.rs")),
            code: Some(-1),
            data: Some(text("{\"a\":1}")),
            ..event(&talk, EventKind::Command, "make")
        };
        live.log(&[full, event(&other, EventKind::Note, "one")], now_ms()).unwrap();
        live.log(&[NewEvent::new(None, EventKind::Note, text("nobody's"))], now_ms()).unwrap();
        let texts = |live: &mut dyn LiveStore, filter: LogFilter| {
            let found = live.logged(&filter).unwrap().into_iter();
            found.map(|event| event.text.to_string()).collect::<Vec<_>>()
        };
        let all = LogFilter::default;
        assert_eq!(texts(&mut *live, all()), ["", "", "make", "one", "nobody's"]);
        assert_eq!(texts(&mut *live, LogFilter { session: Some(other.seq), ..all() }), ["", "one"]);
        let of_talk = LogFilter { conversation: Some("talk".to_string()), ..all() };
        assert_eq!(texts(&mut *live, of_talk), ["", "make"]);
        let kinds = vec![EventKind::Note, EventKind::Command];
        assert_eq!(texts(&mut *live, LogFilter { kinds, ..all() }), ["make", "one", "nobody's"]);
        assert_eq!(texts(&mut *live, LogFilter { limit: Some(2), ..all() }), ["one", "nobody's"]);
        let events = live.logged(&all()).unwrap();
        assert!(events.is_sorted_by_key(|event| event.seq));
        let made = &events[2];
        assert_eq!((made.session.as_deref(), made.code), (Some("talk"), Some(-1)));
        let rest = (made.path.as_ref().map(SafeText::as_str), made.data.as_ref().map(SafeText::as_str));
        assert_eq!(rest, (Some("src/a.rs"), Some("{\"a\":1}")));
        assert_eq!(texts(&mut *live, LogFilter { after: Some(events[3].seq), ..all() }), ["nobody's"]);
        let later = LogFilter { since_ms: Some(now_ms() + 60_000), ..all() };
        assert_eq!(texts(&mut *live, later), [] as [&str; 0]);
    });
}

#[test]
fn one_holds_a_path_with_all_below_it_and_a_name_by_itself() {
    on_every_engine(|connect| {
        let mut live = connect();
        let (ann, bob) = (begin(&mut *live, "ann"), begin(&mut *live, "bob"));
        for (held, meets, free) in [
            ("/src/a", &["/src/a", "/src/a/x.rs", "/src", ""][..], &["/src/ab", "/src/b", "/srcx"][..]),
            ("/a_b%", &["/a_b%", "/a_b%/c"], &["/axb", "/axbyy/c", "/A_B%"]),
            ("", &["", "/any/thing"], &["name:x"]),
            ("name:x", &["name:x"], &["name:x/y", "name:", "/name:x", "/x"]),
            ("/it's \"x\"; --", &["/it's \"x\"; --/y"], &["/it", "/it's"]),
        ] {
            assert!(try_claim(&mut *live, &wish(&ann, held)), "{held}");
            for key in meets {
                let refused = live.claim(&wish(&bob, key), now_ms(), NO).unwrap();
                let ClaimVerdict::Refused(holders) = refused else { panic!("{key} is free beside {held}") };
                assert_eq!((holders[0].session.id.as_str(), holders[0].resource.key.as_str()), ("ann", held));
                assert_eq!(live.claims(Some(&path(key)), now_ms()).unwrap().len(), 1);
            }
            for key in free {
                assert!(try_claim(&mut *live, &wish(&bob, key)), "{key} beside {held}");
            }
            assert_eq!(live.release_all(ann.seq, now_ms()).unwrap().len(), 1);
            assert_eq!(live.release_all(bob.seq, now_ms()).unwrap().len(), free.len());
        }
    });
}

#[test]
fn a_holder_renews_its_own_claim_and_gives_up_only_that() {
    on_every_engine(|connect| {
        let mut live = connect();
        let (ann, bob) = (begin(&mut *live, "ann"), begin(&mut *live, "bob"));
        assert!(try_claim(&mut *live, &wish(&ann, "/a")));
        assert!(try_claim(&mut *live, &NewClaim { ttl_ms: 900_000, ..wish(&ann, "/a") }));
        let held = live.claims(None, now_ms()).unwrap();
        assert_eq!((held.len(), held[0].note.as_str(), held[0].shared), (1, "mine", false));
        let left_ms = held[0].expires_ms - now_ms();
        assert!((800_000..=905_000).contains(&left_ms), "{left_ms}");
        let leased = live.session("ann").unwrap().unwrap().leased_until_ms;
        assert_eq!(leased, Some(held[0].expires_ms));
        assert!(!live.release(bob.seq, &path("/a"), now_ms()).unwrap());
        assert!(!live.release(ann.seq, &path("/a/b"), now_ms()).unwrap());
        assert!(live.release(ann.seq, &path("/a"), now_ms()).unwrap());
        assert!(!live.release(ann.seq, &path("/a"), now_ms()).unwrap());
        let told: Vec<String> = log(&mut *live).into_iter().skip(2).map(|(_, text)| text).collect();
        assert_eq!(told, ["claimed", "renewed", "released"]);
    });
}

#[test]
fn shared_claims_stand_beside_each_other_and_not_beside_one_that_is_not() {
    on_every_engine(|connect| {
        let mut live = connect();
        let (ann, bob) = (begin(&mut *live, "ann"), begin(&mut *live, "bob"));
        let shared = |session: &Session, key: &str| NewClaim { shared: true, ..wish(session, key) };
        assert!(try_claim(&mut *live, &shared(&ann, "/a")));
        assert!(try_claim(&mut *live, &shared(&bob, "/a/b")));
        assert!(!try_claim(&mut *live, &wish(&bob, "/a")));
        assert!(live.release(ann.seq, &path("/a"), now_ms()).unwrap());
        assert!(try_claim(&mut *live, &wish(&bob, "/a")));
        assert!(!try_claim(&mut *live, &shared(&ann, "/a")));
    });
}

#[test]
fn what_ran_out_and_what_an_ended_session_held_is_free() {
    on_every_engine(|connect| {
        let mut live = connect();
        let (ann, bob) = (begin(&mut *live, "ann"), begin(&mut *live, "bob"));
        assert!(try_claim(&mut *live, &NewClaim { ttl_ms: 0, ..wish(&ann, "/a") }));
        std::thread::sleep(Duration::from_millis(5));
        assert_eq!(live.claims(None, now_ms()).unwrap(), []);
        assert!(!live.release(ann.seq, &path("/a"), now_ms()).unwrap());
        assert!(try_claim(&mut *live, &wish(&bob, "/a")));
        assert!(live.end_session(bob.seq, None, now_ms()).unwrap());
        assert!(try_claim(&mut *live, &wish(&ann, "/a")));
        assert_eq!(live.claim(&wish(&bob, "/b"), now_ms(), NO).unwrap(), ClaimVerdict::Ended);
        let told: Vec<String> = log(&mut *live).into_iter().skip(2).map(|(_, text)| text).collect();
        assert_eq!(told, ["claimed", "expired", "claimed", "released", "", "claimed"]);
    });
}

#[test]
fn only_what_may_be_taken_over_is_and_all_of_it_or_nothing() {
    on_every_engine(|connect| {
        let mut live = connect();
        let [ann, bob, eve] = ["ann", "bob", "eve"].map(|id| begin(&mut *live, id));
        assert!(try_claim(&mut *live, &wish(&ann, "/a/1")) && try_claim(&mut *live, &wish(&bob, "/a/2")));
        let of_ann: &dyn Fn(&Claim) -> bool = &|claim| claim.session.id == "ann";
        let refused = live.claim(&wish(&eve, "/a"), now_ms(), of_ann).unwrap();
        assert!(matches!(&refused, ClaimVerdict::Refused(holders) if holders.len() == 2), "{refused:?}");
        assert_eq!(live.claims(None, now_ms()).unwrap().len(), 2);
        let taken = live.claim(&wish(&eve, "/a"), now_ms(), &|_| true).unwrap();
        assert!(matches!(&taken, ClaimVerdict::Held { stolen, .. } if stolen.len() == 2), "{taken:?}");
        let held = live.claims(None, now_ms()).unwrap();
        assert_eq!((held.len(), held[0].session.id.as_str()), (1, "eve"));
    });
}

#[test]
fn a_text_means_itself_in_every_field() {
    on_every_engine(|connect| {
        let mut live = connect();
        for (at, odd) in ["'; DROP TABLE session; --", "$1 %s {} \\x00 \\", "\u{202e}\u{fffd}é\n\t"]
            .into_iter()
            .enumerate()
        {
            let said = || text(odd);
            let who = SessionIdentity {
                conversation: Some(said()),
                agent: said(),
                kind: said(),
                title: said(),
                meta: said(),
                worktree: said(),
                branch: said(),
                owner: Some(odd.to_string()),
                head: None,
            };
            let id = format!("{at}{odd}");
            let began = live.begin_session(&id, &who, now_ms()).unwrap();
            assert_eq!((&began.id, &began.identity), (&id, &who));
            let event = NewEvent {
                path: Some(said()),
                data: Some(said()),
                ..NewEvent::new(Some(began.seq), EventKind::Note, said())
            };
            let beat = Beat { at_ms: now_ms(), owner: None, doing: Some(said()), events: vec![event] };
            assert!(live.beat(began.seq, &beat).unwrap());
            let told = live.logged(&LogFilter { session: Some(began.seq), ..LogFilter::default() }).unwrap();
            let last = told.last().unwrap();
            assert_eq!((&last.text, &last.path, &last.data), (&said(), &Some(said()), &Some(said())));
            let resource = Resource { key: format!("name:{odd}"), shown: said() };
            let new = NewClaim { resource: resource.clone(), note: said(), ..wish(&began, "/") };
            assert!(try_claim(&mut *live, &new));
            let held = live.claims(Some(&resource), now_ms()).unwrap();
            assert_eq!((&held[0].resource, &held[0].note), (&resource, &said()));
            assert!(live.end_session(began.seq, Some(&said()), now_ms()).unwrap());
            assert_eq!(live.session(&id).unwrap().unwrap().summary, said());
        }
    });
}

#[test]
fn of_many_who_ask_at_once_one_is_granted_and_nothing_that_was_logged_is_lost() {
    const ASKERS: usize = 8;
    on_every_engine(|connect| {
        let together = Arc::new(Barrier::new(ASKERS));
        let ask = |number: usize| {
            let (connect, together) = (connect.clone(), together.clone());
            std::thread::spawn(move || {
                let mut live = connect();
                let session = begin(&mut *live, &format!("s{number}"));
                let mut granted = 0;
                for round in 0..5 {
                    together.wait();
                    let key = if number.is_multiple_of(2) { "/a" } else { "/a/b" };
                    granted += usize::from(try_claim(&mut *live, &wish(&session, &format!("/{round}{key}"))));
                }
                granted
            })
        };
        let askers: Vec<_> = (0..ASKERS).map(ask).collect();
        let granted: usize = askers.into_iter().map(|asker| asker.join().unwrap()).sum();
        assert_eq!(granted, 5);
        let mut live = connect();
        assert_eq!(live.claims(None, now_ms()).unwrap().len(), 5);
        assert_eq!(live.logged(&LogFilter::default()).unwrap().len(), ASKERS + 5);
    });
}

#[test]
fn who_waits_is_told_of_a_change_of_another_and_of_the_end_of_the_time() {
    on_every_engine(|connect| {
        let mut other = connect();
        let ann = begin(&mut *other, "ann");
        let connect = connect.clone();
        let waiting = std::thread::spawn(move || {
            let mut live = connect();
            // Nothing changes: the time ends it.
            live.wait_for_claims(Duration::from_millis(1)).unwrap();
            let began = std::time::Instant::now();
            live.wait_for_claims(Duration::from_secs(60)).unwrap();
            began.elapsed()
        });
        // Until the wait has begun, and one more.
        while !waiting.is_finished() {
            assert!(try_claim(&mut *other, &wish(&ann, "/a")));
            std::thread::sleep(Duration::from_millis(20));
            assert!(other.release(ann.seq, &path("/a"), now_ms()).unwrap());
        }
        let waited = waiting.join().unwrap();
        assert!(waited < Duration::from_secs(30), "{waited:?}");
    });
}
