use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use bygone_common::UserUid;
use bygone_common::access::{Effect, Use};
use bygone_portal::{DownloadLimits, LaneLimits};
use bygone_store::grants::{NewGrant, Terms};
use bygone_tests::noise::noise;
use bygone_tests::tools::tool;
use reqwest::StatusCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::support::House;

/// Bytes of the process that are in memory.
fn resident_bytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse::<u64>().unwrap() << 10
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_parts_at_once_are_right() {
    let content = noise(1, 30_000_000);
    let house = House::of(|root| fs::write(root.join("a"), &content).unwrap()).await;
    let mut people = Vec::new();
    for number in 0..40 {
        people.push(house.person(&format!("p{number}")).await);
    }
    for user in &people {
        let new = everything(&house, *user);
        house.grant(&new).await;
    }
    let (url, content) = (house.direct("a", ""), &content);
    let clients: Vec<_> = people.iter().map(|user| house.client(*user)).collect();
    let asked = (0..1_000_usize).map(|number| {
        let (client, url) = (&clients[number % clients.len()], &url);
        async move {
            let first = number * 29_000;
            let last = first + 262_143;
            let last = last.min(content.len() - 1);
            let part = client.get(url, &[("range", &format!("bytes={first}-{last}"))]).await;
            assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
            assert!(part.bytes().await.unwrap() == content[first..=last], "{first}");
        }
    });
    futures_util::future::join_all(asked).await;
}

/// A grant of everything.
fn everything(house: &House, user: UserUid) -> NewGrant {
    NewGrant {
        user,
        source: house.source,
        path: "/".to_owned(),
        effect: Effect::Allow,
        uses: vec![Use::See, Use::Download],
        terms: Terms::default(),
    }
}

/// A request over a connection of its own, of whose answer nothing is read.
async fn ask(house: &House, user: UserUid, below: &str) -> TcpStream {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(house.address()).await.unwrap();
    let url = house.direct(below, "");
    let path = url.split_once(&house.address().to_string()).unwrap().1;
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {user}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_readers_hold_little_and_keep_nobody_from_reading() {
    const READERS: usize = 200;
    let limits = DownloadLimits { lanes: LaneLimits { held_bytes: 8 << 20, reads: 8 }, ..DownloadLimits::default() };
    let house = House::within(limits, |root| {
        for number in 0..30 {
            fs::write(root.join(format!("{number}")), noise(number, 8_000_000)).unwrap();
        }
    })
    .await;
    let mut people = Vec::new();
    for number in 0..30 {
        let person = house.person(&format!("p{number}")).await;
        let new = everything(&house, person);
        house.grant(&new).await;
        people.push(person);
    }
    let before = resident_bytes();
    let mut slow = Vec::new();
    for reader in 0..READERS {
        let mut stream = ask(&house, people[reader % 30], &format!("{}", reader % 30)).await;
        let mut first = [0; 12];
        stream.read_exact(&mut first).await.unwrap();
        assert_eq!(&first, b"HTTP/1.1 200");
        slow.push(stream);
    }
    // One who reads gets all of it, meanwhile.
    let quick = house.client(house.alice).get(&house.direct("7", ""), &[]).await;
    assert!(quick.bytes().await.unwrap() == noise(7, 8_000_000));
    let grown = resident_bytes().saturating_sub(before);
    println!("{READERS} slow readers: {} MiB more", grown >> 20);
    // 64 MiB are the engine's, for which it is told; 8 MiB what is held; the rest is connections.
    assert!(grown < 160 << 20, "{} MiB", grown >> 20);
    // They go on where they are.
    let mut all = Vec::new();
    let mut one = slow.swap_remove(0);
    while all.len() < 8_000_000 {
        assert!(one.read_buf(&mut all).await.unwrap() > 0, "{}", all.len());
    }
}

/// Opens connections, says so, and holds them until its input ends. Another process: two ends of ten thousand are more files
/// than one process may have open.
const HOLD: &str = "import socket, sys\n\
held = [socket.create_connection((sys.argv[1], int(sys.argv[2]))) for _ in range(int(sys.argv[3]))]\n\
print('held', flush=True)\n\
sys.stdin.read()\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_connections_that_say_nothing_cost_next_to_nothing() {
    const IDLE: u64 = 10_000;
    // A task and what it waits with, in a build without optimisation: 12 to 26 KiB were seen. A buffer for bodies would be more.
    const BYTES_EACH_MAX: u64 = 48 << 10;
    let house = House::of(|root| fs::write(root.join("a"), "a").unwrap()).await;
    let (before, address) = (resident_bytes(), house.address());
    let mut holding = Command::new(tool("python3"))
        .args(["-c", HOLD, &address.ip().to_string(), &address.port().to_string(), &IDLE.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let out = holding.stdout.take().unwrap();
    let said = tokio::task::spawn_blocking(|| {
        let mut said = String::new();
        BufReader::new(out).read_line(&mut said).map(|_| said)
    });
    assert_eq!(said.await.unwrap().unwrap(), "held\n");
    let alice = house.client(house.alice);
    assert_eq!(alice.get(&house.direct("a", ""), &[]).await.text().await.unwrap(), "a", "somebody else is answered");
    let each = resident_bytes().saturating_sub(before) / IDLE;
    drop(holding.stdin.take());
    assert!(holding.wait().unwrap().success());
    println!("{each} bytes a connection");
    assert!(each < BYTES_EACH_MAX, "{each}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_is_gone_is_noticed_at_once() {
    let house = House::of(|root| fs::write(root.join("a"), noise(1, 60_000_000)).unwrap()).await;
    let mut answer = house.client(house.alice).get(&house.direct("a", ""), &[]).await;
    answer.chunk().await.unwrap();
    drop(answer);
    let begun = Instant::now();
    while house.sent().await.is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(10));
    }
    println!("written down after {:?}", begun.elapsed());
    let sent = house.sent().await;
    assert!(sent[0]["bytes"].as_u64().unwrap() < 60_000_000);
    assert!(sent[0]["fault"].is_null());
}
