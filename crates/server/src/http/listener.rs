//! Accepting connections and letting none of them hold the others up.

use super::{Peer, stall::Stall};
use crate::{
    outcome::{Outcome, Stop},
    signals::stopped,
};
use axum::{Router, body::Body};
use daylight_app::cache::PageCache;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use std::{
    net::SocketAddr,
    sync::{Arc, LazyLock},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
};
use tower::ServiceExt;

/// From the first byte of a request, or from the end of the one before, to the end of its headers.
const HEADERS_WITHIN: Duration = Duration::from_secs(10);
/// Headers of one request: bytes and number.
const HEADER_BYTES: usize = 32 << 10;
const HEADER_COUNT: usize = 64;
/// A response of which nothing could be sent for so long is given up.
const STALLED_AFTER: Duration = Duration::from_secs(30);
/// After the signal to stop, what runs may take so long to finish.
const FINISH_WITHIN: Duration = Duration::from_secs(20);
/// File descriptors that are not for clients: database, logs, files.
const RESERVED: u64 = 128;

/// Listens on an address, or says in words why not.
pub async fn bind(address: &str) -> Outcome<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| refusal(address, &error))
}

/// Listens on an address; when its port is taken, on one of the next, or on any free one.
pub async fn bind_forward(address: &str) -> Outcome<TcpListener> {
    let first = match TcpListener::bind(address).await {
        Ok(listener) => return Ok(listener),
        Err(error) if error.kind() != std::io::ErrorKind::AddrInUse => return Err(refusal(address, &error)),
        Err(error) => refusal(address, &error),
    };
    let Some((host, port)) = address.rsplit_once(':') else { return Err(first) };
    let Ok(port) = port.parse::<u16>() else { return Err(first) };
    for next in (1..=20).map(|step| port.checked_add(step).unwrap_or(0)).chain([0]) {
        if let Ok(listener) = TcpListener::bind(format!("{host}:{next}")).await {
            return Ok(listener);
        }
    }
    Err(first)
}

fn refusal(address: &str, error: &std::io::Error) -> Stop {
    use std::io::ErrorKind as Kind;
    Stop::failed(match error.kind() {
        Kind::AddrInUse => format!(
            "地址 {address} 已被别的程序占用。请停止那个程序，或用 --listen 换一个端口，例如 --listen 127.0.0.1:8081。"
        ),
        Kind::PermissionDenied => {
            format!("没有权限监听 {address}。1024 以下的端口需要系统授权，请换一个端口，或由反向代理转发。")
        }
        Kind::AddrNotAvailable => format!("本机没有地址 {address}。请检查 --listen。"),
        Kind::InvalidInput => format!("地址“{address}”不对：请写成 127.0.0.1:8080 的形式。"),
        _ => format!("无法监听 {address}：{error}"),
    })
}

/// As many connections as wished for, where the system gives as many file descriptors.
pub fn connection_limit(wished: usize) -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let needed = wished as u64 + RESERVED;
    if limit.current.is_some_and(|current| current < needed) {
        let raised = limit.maximum.map_or(needed, |maximum| maximum.min(needed));
        let wished = Rlimit { current: Some(raised), maximum: limit.maximum };
        if let Err(error) = setrlimit(Resource::Nofile, wished) {
            tracing::debug!(%error, "the number of open files stays as it is");
        }
    }
    let open = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    wished.min(usize::try_from(open.saturating_sub(RESERVED)).unwrap_or(usize::MAX)).max(16)
}

/// Answers until told to stop, then lets what runs finish. Returns false when some had to be cut off.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    cache: PageCache,
    connections: usize,
    mut stop: watch::Receiver<bool>,
) -> bool {
    let slots = Arc::new(Semaphore::new(connections));
    let open = GracefulShutdown::new();
    loop {
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of descriptors or memory: a pause lets others finish; a loop would burn a core.
                    tracing::warn!(%error, "cannot accept");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
            () = stopped(&mut stop) => break,
        };
        let Ok(slot) = slots.clone().try_acquire_owned() else {
            metrics::counter!("daylight_http_refused_total", "reason" => "connections").increment(1);
            tokio::spawn(turn_away(stream));
            continue;
        };
        // Small answers must not wait for more of them.
        drop(stream.set_nodelay(true));
        let connection = open.watch(connection(stream, peer, router.clone(), cache.clone()));
        tokio::spawn(async move {
            // Broken connections are the client's affair.
            drop(connection.await);
            drop(slot);
        });
    }
    drop(listener);
    tokio::time::timeout(FINISH_WITHIN, open.shutdown()).await.is_ok()
}

fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    cache: PageCache,
) -> impl hyper_util::server::graceful::GracefulConnection<Error = hyper::Error> {
    let answer = service_fn(move |request: hyper::Request<Incoming>| {
        // A page in memory needs no route, no place among the requests and no line in the log.
        let ready = cache.ready(&request);
        let router = router.clone();
        async move {
            if let Some(response) = ready {
                return Ok(response);
            }
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(Peer(peer));
            router.oneshot(request).await
        }
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_WITHIN)
        .max_headers(HEADER_COUNT)
        .max_buf_size(HEADER_BYTES)
        .serve_connection(TokioIo::new(Stall::new(stream, STALLED_AFTER)), answer)
}

const FULL: &str = "现在访问的人太多，请稍等片刻再试。\n";

/// Tells a client that all slots are taken, if it listens; only so many at once.
async fn turn_away(mut stream: TcpStream) {
    static TURNING: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(64));
    let Ok(_turn) = TURNING.try_acquire() else { return };
    let answer = format!(
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\nRetry-After: 5\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{FULL}",
        FULL.len()
    );
    let farewell = async {
        stream.write_all(answer.as_bytes()).await?;
        stream.shutdown().await?;
        // What was sent and not read would turn the goodbye into a reset.
        let mut rest = [0; 4096];
        while stream.read(&mut rest).await? > 0 {}
        Ok::<(), std::io::Error>(())
    };
    drop(tokio::time::timeout(Duration::from_secs(1), farewell).await);
}
