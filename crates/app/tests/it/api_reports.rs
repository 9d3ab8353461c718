//! Reports through the open interface: handed in once, opened by number and code alone, and never a 5xx whatever
//! is sent.

use crate::{
    api::{ask, json},
    api_document::fits,
    world::{Answer, Browser, NOW, World, worlds},
};
use axum::{
    body::Body,
    http::{Request, header},
};
use daylight_app::{
    cases::{Deed, store as cases},
    reports::store::RECEIPT_LIVES,
};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRunner},
};
use serde_json::{Value, json as object};

const DRAFTS: &str = "/api/v1/reports/drafts";
const REPORTS: &str = "/api/v1/reports";
const STATUS: &str = "/api/v1/reports/status";
const REPLIES: &str = "/api/v1/reports/replies";

const WHAT: &str = "村里的低保名单只贴了两天就撕掉了，没有人看清名单上有谁";

async fn send(browser: &Browser, path: &str, draft: Option<&str>, body: &Value) -> Answer {
    let mut request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
    if let Some(draft) = draft {
        request = request.header(header::AUTHORIZATION, format!("Bearer {draft}"));
    }
    browser.send(request, Body::from(body.to_string()), path).await
}

async fn sent(browser: &Browser, path: &str, draft: Option<&str>, body: &Value) -> Value {
    let answer = send(browser, path, draft, body).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    assert_eq!(answer.headers["cache-control"], "no-store");
    json(&answer)
}

async fn draft(world: &World) -> String {
    let drawn = sent(&world.citizen(), DRAFTS, None, &object!({})).await;
    drawn["draft"].as_str().unwrap().to_owned()
}

async fn report(world: &World) -> Value {
    let village = ask(world, "/api/v1/units?category=village&per_page=1").await;
    object!({
        "kind": "complaint",
        "object": "unit",
        "object_id": village["items"][0]["id"],
        "what": WHAT,
        "points": ["名单是谁定的"],
        "level": "anonymous",
    })
}

async fn handed_in(world: &World) -> Value {
    let receipt = sent(&world.citizen(), REPORTS, Some(&draft(world).await), &report(world).await).await;
    assert_eq!(receipt["accepted"], true, "{receipt}");
    object!({ "number": receipt["number"], "code": receipt["code"] })
}

async fn count(world: &World, table: &str) -> i64 {
    let sql = format!("SELECT COUNT(*) FROM {table}");
    daylight_db::scalar(world.app.db.read(), &sql, daylight_db::values![]).await.unwrap()
}

async fn actor(tx: &daylight_db::Tx, account_id: i64) -> daylight_app::authz::Actor {
    let grants = daylight_app::accounts::store::grants_of(&**tx, account_id).await.unwrap();
    daylight_app::authz::Actor { account_id, session_id: 1, name: "受理员".into(), grants }
}

async fn act(world: &World, intake: i64, deed: Deed) {
    let tx = world.app.db.write().await.unwrap();
    let actor = actor(&tx, intake).await;
    let only: i64 = daylight_db::scalar(&*tx, "SELECT id FROM cases", daylight_db::values![]).await.unwrap();
    let opened = cases::open(&tx, &world.app.vault, &actor, only, NOW).await.unwrap();
    let seen = opened.seen();
    let doing = cases::Doing { deed, reason: String::new(), words: Default::default(), seen };
    cases::act(&tx, &world.app.vault, &actor, only, doing, NOW).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_report_is_handed_in_once_and_opened_by_number_and_code() {
    for world in worlds().await {
        let intake = world.with_county_organ().await;
        let (citizen, draft, report) = (world.citizen(), draft(&world).await, report(&world).await);
        let receipt = sent(&citizen, REPORTS, Some(&draft), &report).await;
        assert_eq!(receipt, sent(&citizen, REPORTS, Some(&draft), &report).await, "sent again: the same");
        assert_eq!(count(&world, "reports").await, 1);
        let ticket = object!({ "number": receipt["number"], "code": receipt["code"] });
        let status = sent(&citizen, STATUS, None, &ticket).await;
        assert_eq!((&status["state"], &status["lamp"]), (&object!("routed"), &object!("waiting")));
        assert_eq!(status["points"], object!(["名单是谁定的"]));
        act(&world, intake, Deed::Accept).await;
        let status = sent(&citizen, STATUS, None, &ticket).await;
        assert_eq!((&status["state"], &status["lamp"]), (&object!("accepted"), &object!("yellow")));
        assert!(status["due_on"].is_string() && !status["due_because"].as_array().unwrap().is_empty());
        let mut reply = ticket.clone();
        reply["say"] = object!("more");
        reply["text"] = object!("撕名单那天有人看见");
        reply["points"] = object!(["谁撕的"]);
        let status = sent(&citizen, REPLIES, None, &reply).await;
        let last = status["timeline"].as_array().unwrap().last().unwrap();
        assert_eq!((&last["by"], &last["text"]), (&object!("反映人"), &object!("撕名单那天有人看见")));
        // A file comes later, and says enough by itself.
        let place = sent(&citizen, "/api/v1/reports/supplements", None, &ticket).await;
        let token = place["draft"].as_str().unwrap().to_owned();
        let mut wrong = ticket.clone();
        wrong["code"] = object!("000000000000");
        assert_eq!(send(&citizen, "/api/v1/reports/supplements", None, &wrong).await.status, 404);
        let bytes = "名单是这样的\n".repeat(100).into_bytes();
        let new = object!({ "name": "名单.txt", "size": bytes.len() });
        let file = sent(&citizen, "/api/v1/reports/files", Some(&token), &new).await["file"].clone();
        let piece = object!({ "file": file, "offset": 0, "data": data_encoding::BASE64.encode(&bytes) });
        sent(&citizen, "/api/v1/reports/files/chunks", Some(&token), &piece).await;
        use sha2::Digest;
        let digest = data_encoding::HEXLOWER.encode(&sha2::Sha256::digest(&bytes));
        let end = object!({ "file": file, "sha256": digest });
        sent(&citizen, "/api/v1/reports/files/finished", Some(&token), &end).await;
        reply["text"] = object!("");
        reply["points"] = object!([]);
        let status = sent(&citizen, REPLIES, None, &reply).await;
        let last = status["timeline"].as_array().unwrap().last().unwrap();
        assert_eq!((&last["deed"], &last["files"]), (&object!("补充"), &object!(1)));
        assert_eq!(send(&citizen, REPLIES, None, &reply).await.status, 422, "nothing is said twice");
        // It cannot be judged before it is answered.
        reply["say"] = object!("satisfied");
        let early = send(&citizen, REPLIES, None, &reply).await;
        assert_eq!((early.status.as_u16(), json(&early)["code"].as_str()), (409, Some("conflict")));
        // Whoever denies says on what they were asked.
        reply["say"] = object!("deny");
        assert_eq!(send(&citizen, REPLIES, None, &reply).await.status, 422);
        let seen = status["seen"].as_u64().unwrap();
        for seen in [seen - 1, seen] {
            reply["seen"] = object!(seen);
            assert_eq!(send(&citizen, REPLIES, None, &reply).await.status, 409, "nobody was named");
        }
        reply["say"] = object!("confirm");
        assert_eq!(send(&citizen, REPLIES, None, &reply).await.status, 409, "nobody was named");
        reply["seen"] = object!(null);
        assert_eq!(send(&citizen, REPLIES, None, &reply).await.status, 422);
        // Two days later the telephone may be in other hands.
        world.app.clock.advance(RECEIPT_LIVES);
        assert_eq!(send(&citizen, REPORTS, Some(&draft), &report).await.status, 409);
    }
}

#[tokio::test]
async fn a_telephone_is_proved_by_the_code_that_reached_it() {
    for world in worlds().await {
        world.with_county_organ().await;
        let (citizen, draft) = (world.citizen(), draft(&world).await);
        let (codes, proofs) = ("/api/v1/reports/phone-codes", "/api/v1/reports/phone-proofs");
        let phone = object!({ "phone": "139 0000 0000" });
        assert_eq!(sent(&citizen, codes, Some(&draft), &phone).await["sent"], true);
        assert_eq!(sent(&citizen, codes, Some(&draft), &phone).await["sent"], false, "one a minute");
        daylight_app::worker(&world.app).run_due().await.unwrap();
        let outbox = std::fs::read_to_string(world.app.config.data.join("outbox/sms.jsonl")).unwrap();
        let line: Value = serde_json::from_str(outbox.lines().last().unwrap()).unwrap();
        let mut body = report(&world).await;
        (body["level"], body["phone"]) = (object!("phone"), object!("13900000000"));
        assert_eq!(send(&citizen, REPORTS, Some(&draft), &body).await.status, 422, "claimed, not proved");
        let mut proof = object!({ "phone": "13900000000", "code": "000000" });
        if line["params"]["code"] == proof["code"] {
            proof["code"] = object!("000001");
        }
        let wrong = sent(&citizen, proofs, Some(&draft), &proof).await;
        assert_eq!((&wrong["proved"], &wrong["tries_left"]), (&object!(false), &object!(4)));
        proof["code"] = line["params"]["code"].clone();
        assert_eq!(sent(&citizen, proofs, Some(&draft), &proof).await["proved"], true);
        let receipt = sent(&citizen, REPORTS, Some(&draft), &body).await;
        assert_eq!(receipt["accepted"], true);
        assert_eq!(sent(&citizen, REPORTS, Some(&draft), &body).await, receipt, "the proof was used up");
    }
}

#[tokio::test]
async fn evidence_is_sent_in_chunks_and_goes_on_where_it_stopped() {
    for world in worlds().await {
        let intake = world.with_county_organ().await;
        let (citizen, draft) = (world.citizen(), draft(&world).await);
        let files = "/api/v1/reports/files";
        let bytes: Vec<u8> =
            b"%PDF-1.4\n".iter().copied().chain((0..40_000_u32).map(|n| (n % 251) as u8)).collect();
        let begin = object!({ "name": "账页.pdf", "size": bytes.len(), "same": "x" });
        let begun = sent(&citizen, files, Some(&draft), &begin).await;
        assert_eq!((&begun["next"], &begun["kept"]), (&object!(0), &object!(false)));
        let chunk = |from: usize, to: usize| {
            let data = data_encoding::BASE64.encode(&bytes[from..to]);
            object!({ "file": begun["file"], "offset": from, "data": data })
        };
        let chunks = format!("{files}/chunks");
        assert_eq!(sent(&citizen, &chunks, Some(&draft), &chunk(0, 20_000)).await["next"], 20_000);
        // The answer got lost: the same once more, and begun anew with the same mark.
        assert_eq!(sent(&citizen, &chunks, Some(&draft), &chunk(0, 20_000)).await["next"], 20_000);
        assert_eq!(sent(&citizen, files, Some(&draft), &begin).await["next"], 20_000);
        assert_eq!(send(&citizen, &chunks, Some(&draft), &chunk(30_000, 40_000)).await.status, 409);
        let other = self::draft(&world).await;
        assert_eq!(send(&citizen, &chunks, Some(&other), &chunk(20_000, bytes.len())).await.status, 404);
        sent(&citizen, &chunks, Some(&draft), &chunk(20_000, bytes.len())).await;
        use sha2::Digest;
        let sha256 = data_encoding::HEXLOWER.encode(&sha2::Sha256::digest(&bytes));
        let end = object!({ "file": begun["file"], "sha256": sha256 });
        let finished = sent(&citizen, &format!("{files}/finished"), Some(&draft), &end).await;
        assert_eq!((&finished["next"], &finished["kept"]), (&object!(bytes.len()), &object!(true)));
        sent(&citizen, REPORTS, Some(&draft), &report(&world).await).await;
        let tx = world.app.db.write().await.unwrap();
        let actor = actor(&tx, intake).await;
        let only: i64 =
            daylight_db::scalar(&*tx, "SELECT id FROM cases", daylight_db::values![]).await.unwrap();
        let opened = cases::open(&tx, &world.app.vault, &actor, only, NOW).await.unwrap();
        let kept = daylight_app::attachments::of_case(&*tx, &opened).await.unwrap();
        assert_eq!((kept.len(), kept[0].about.sha256.as_str(), kept[0].kept), (1, sha256.as_str(), true));
    }
}

#[tokio::test]
async fn another_report_under_the_same_draft_is_never_answered_with_the_first_ones_receipt() {
    for world in worlds().await {
        world.with_county_organ().await;
        let (citizen, draft, first) = (world.citizen(), draft(&world).await, report(&world).await);
        let receipt = sent(&citizen, REPORTS, Some(&draft), &first).await;
        let mut second = first.clone();
        second["what"] = object!("别的一件：修路的钱对不上账，村里没有公布过");
        let refused = send(&citizen, REPORTS, Some(&draft), &second).await;
        assert_eq!((refused.status.as_u16(), json(&refused)["code"].as_str()), (409, Some("conflict")));
        assert!(refused.body.contains("没有收下") && !refused.body.contains("number"), "{}", refused.body);
        assert_eq!(sent(&citizen, REPORTS, Some(&draft), &first).await, receipt);
        // A token that we did not give out is none.
        let made_up = send(&citizen, REPORTS, Some(&"B".repeat(43)), &second).await;
        assert_eq!(made_up.status, 409, "{}", made_up.body);
        assert_eq!(count(&world, "reports").await, 1);
    }
}

#[tokio::test]
async fn a_full_disk_is_said_in_plain_words() {
    use daylight_db::{Engine, exec, scalar, values};
    for world in worlds().await {
        world.with_county_organ().await;
        let tx = world.app.db.write().await.unwrap();
        if tx.engine() != Engine::Sqlite {
            continue;
        }
        // No page more than there is: what a full disk says.
        let pages: i64 = scalar(&*tx, "PRAGMA page_count", values![]).await.unwrap();
        exec(&*tx, &format!("PRAGMA max_page_count = {pages}"), values![]).await.unwrap();
        tx.commit().await.unwrap();
        let mut last = None;
        for _ in 0..200 {
            let answer = send(&world.citizen(), DRAFTS, None, &object!({})).await;
            if answer.status != 200 {
                last = Some(answer);
                break;
            }
        }
        let answer = last.expect("it is full at last");
        assert_eq!(
            (answer.status.as_u16(), json(&answer)["code"].as_str()),
            (503, Some("full")),
            "{answer:?}"
        );
        assert!(answer.body.contains("服务器磁盘已满"), "{}", answer.body);
        let kind = [("kind", "complaint"), ("about", "unknown")];
        let page = world.citizen().post("/reports/new/kind", &kind).await;
        assert_eq!(page.status, 503);
        assert!(page.body.contains("服务器磁盘已满") && page.body.contains("打电话"), "{}", page.body);
    }
}

#[tokio::test]
async fn nothing_is_kept_when_nobody_here_may_have_it() {
    for world in worlds().await {
        // No organ at all: everything belongs to the superior.
        world.import(&[crate::world::handover()]).await;
        let answer = sent(&world.citizen(), REPORTS, Some(&draft(&world).await), &report(&world).await).await;
        assert_eq!((&answer["accepted"], &answer["number"]), (&object!(false), &Value::Null));
        assert!(answer["channel"].as_str().unwrap().contains("12388"));
        for table in ["reports", "cases", "report_identities"] {
            assert_eq!(count(&world, table).await, 0, "{table}");
        }
    }
}

#[tokio::test]
async fn a_wrong_number_and_a_wrong_code_are_answered_alike_and_slowed_alike() {
    for world in worlds().await {
        world.with_county_organ().await;
        let ticket = handed_in(&world).await;
        let right = ticket["code"].as_str().unwrap();
        let other = if right.starts_with('2') { "3" } else { "2" };
        let code = format!("{other}{}", &right[1..]);
        let number = "0000000000000";
        let wrong_code = object!({ "number": ticket["number"], "code": code });
        let wrong_number = object!({ "number": number, "code": right });
        let mut answers = Vec::new();
        for asked in [&wrong_code, &wrong_number] {
            let mut seen = Vec::new();
            for _ in 0..12 {
                let answer = send(&world.citizen(), STATUS, None, asked).await;
                seen.push((answer.status.as_u16(), answer.body, format!("{:?}", answer.headers)));
            }
            answers.push(seen);
        }
        assert_eq!(answers[0], answers[1]);
        assert_eq!(answers[0][0].0, 404);
        assert_eq!(answers[0][11].0, 429, "{:?}", answers[0][11]);
        // The right code waits for nobody.
        sent(&world.citizen(), STATUS, None, &ticket).await;
    }
}

#[tokio::test]
async fn every_fault_is_named_with_its_field_and_nothing_half_is_kept() {
    for world in worlds().await {
        world.with_county_organ().await;
        let (citizen, draft) = (world.citizen(), draft(&world).await);
        let fields = async |body: &Value| {
            let answer = send(&citizen, REPORTS, Some(&draft), body).await;
            assert_eq!(answer.status, 422, "{body}: {}", answer.body);
            let failure = json(&answer);
            let mut fields: Vec<String> = failure["faults"]
                .as_array()
                .unwrap()
                .iter()
                .map(|fault| fault["field"].as_str().unwrap().to_owned())
                .collect();
            fields.extend(failure["field"].as_str().map(str::to_owned));
            fields.extend((failure["code"] == "unreadable").then(|| "unreadable".to_owned()));
            fields
        };
        let whole = report(&world).await;
        let with = |name: &str, value: Value| {
            let mut body = whole.clone();
            body[name] = value;
            body
        };
        assert_eq!(fields(&object!({})).await, ["kind", "object", "what", "level"]);
        assert_eq!(fields(&with("what", object!("太短"))).await, ["what"]);
        assert_eq!(fields(&with("object_id", object!(999_999))).await, ["object_id"]);
        assert_eq!(fields(&with("object_id", Value::Null)).await, ["object_id"]);
        assert_eq!(fields(&with("object", object!("step"))).await, ["step"]);
        assert_eq!(fields(&with("amount", object!("很多"))).await, ["amount"]);
        assert_eq!(fields(&with("kind", object!("gossip"))).await, ["unreadable"]);
        // A telephone that no code has proved is no proof.
        let mut claimed = with("level", object!("phone"));
        claimed["phone"] = object!("13900000000");
        assert_eq!(fields(&claimed).await, ["code"]);
        assert_eq!(count(&world, "reports").await, 0);
        for bad in [None, Some("short"), Some("x".repeat(44).as_str())] {
            let answer = send(&citizen, REPORTS, bad, &whole).await;
            assert_eq!((answer.status.as_u16(), json(&answer)["code"].as_str()), (401, Some("no_draft")));
        }
        sent(&citizen, REPORTS, Some(&draft), &whole).await;
    }
}

/// Bodies by the document: mostly what it says, sometimes a part missing, sometimes something else.
fn by(document: &Value, schema: &Value) -> BoxedStrategy<Value> {
    let other = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        Just(object!([[], {}])),
        Just(object!({ "number": { "number": [] } })),
    ];
    let fitting: BoxedStrategy<Value> = if let Some(reference) = schema["$ref"].as_str() {
        by(document, document.pointer(reference.trim_start_matches('#')).unwrap())
    } else if let Some(ways) = schema["anyOf"].as_array() {
        proptest::strategy::Union::new(ways.iter().map(|way| by(document, way))).boxed()
    } else if let Some(codes) = schema["enum"].as_array() {
        proptest::sample::select(codes.clone()).boxed()
    } else {
        match schema["type"].as_str().unwrap() {
            "object" => {
                let none = serde_json::Map::new();
                let properties = schema["properties"].as_object().unwrap_or(&none);
                let fields: Vec<_> = properties
                    .iter()
                    .map(|(name, schema)| {
                        (Just(name.clone()), proptest::option::weighted(0.85, by(document, schema)))
                    })
                    .collect();
                fields
                    .prop_map(|fields| {
                        Value::Object(
                            fields.into_iter().filter_map(|(name, value)| Some((name, value?))).collect(),
                        )
                    })
                    .boxed()
            }
            "array" => {
                proptest::collection::vec(by(document, &schema["items"]), 0..13).prop_map(Value::from).boxed()
            }
            "boolean" => any::<bool>().prop_map(Value::from).boxed(),
            "integer" => prop_oneof![1_i64..50, any::<i64>()].prop_map(Value::from).boxed(),
            "null" => Just(Value::Null).boxed(),
            _ => prop_oneof![
                Just(WHAT.to_owned()),
                Just("13900000000".to_owned()),
                "[0-9]{13}",
                "[2-9A-HJ-NP-Z]{12}",
                any::<String>(),
                "\\PC{0,6000}",
                Just("\u{202E}\u{0}' OR 1=1 --<script>".to_owned()),
            ]
            .prop_map(Value::from)
            .boxed(),
        }
    };
    prop_oneof![12 => fitting, 1 => other].boxed()
}

/// Everything the document names, with what it allows and what it does not: an answer of the described form and
/// never one of ours failing.
#[tokio::test]
async fn whatever_is_sent_to_the_interface_it_never_fails() {
    for world in worlds().await {
        world.with_county_organ().await;
        let document = ask(&world, "/api/v1/openapi.json").await;
        let ticket = handed_in(&world).await;
        let whole = report(&world).await;
        let mut token = draft(&world).await;
        let mut runner = TestRunner::new(Config::default());
        let mut met = std::collections::BTreeMap::<(String, u16), u32>::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            let Some(operation) = item.get("post") else { continue };
            let bodies = by(&document, &operation["requestBody"]["content"]["application/json"]["schema"]);
            for round in 0..150_usize {
                let mut body = bodies.new_tree(&mut runner).unwrap().current();
                // Half of them sound but for one field, so that something is reached behind the door.
                if let (0, Some(drawn)) = (round % 2, body.as_object_mut()) {
                    let mut sound = if path == REPORTS { whole.clone() } else { ticket.clone() };
                    for (name, value) in
                        drawn.iter().skip(round / 2 % 8).take(1 + usize::from(path == REPLIES) * 4)
                    {
                        if path == REPORTS || sound.get(name).is_none() {
                            sound[name] = value.clone();
                        }
                    }
                    body = sound;
                }
                if round % 10 == 0 {
                    token = draft(&world).await;
                }
                let given = (round % 5 != 0).then_some(token.as_str());
                let answer = send(&world.citizen(), path, given, &body).await;
                let status = answer.status.as_u16();
                assert!(status < 500, "{path} {body}: {}", answer.body);
                fits(&document, path, &status.to_string(), &json(&answer));
                *met.entry((path.clone(), status)).or_default() += 1;
                // What was tried wrongly is forgiven later: the right tries shall go on.
                world.app.clock.advance(3_600_000);
            }
            // Not JSON, cut JSON, too much.
            for raw in [&b""[..], b"{", b"\xFF\xFE", b"[1,2", b"nul"] {
                let request = Request::post(path).header(header::AUTHORIZATION, format!("Bearer {token}"));
                let answer = world.citizen().send(request, Body::from(raw.to_vec()), path).await;
                assert_eq!(answer.status, 422, "{path} {raw:?}: {}", answer.body);
            }
            let request = Request::post(path).header(header::AUTHORIZATION, format!("Bearer {token}"));
            let much = Body::from(format!("\"{}\"", "a".repeat(2 << 20)));
            assert_eq!(world.citizen().send(request, much, path).await.status, 413, "{path}");
        }
        for (path, status) in [(DRAFTS, 200), (REPORTS, 200), (REPORTS, 422), (STATUS, 200), (REPLIES, 200)] {
            assert!(met.contains_key(&(path.into(), status)), "{path} {status} was not reached: {met:?}");
        }
    }
}
