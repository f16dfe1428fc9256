//! The server: accepts connections, authorizes requests, and calls the service.

use std::{
    convert::Infallible, error::Error, future::Future, io, net::TcpListener, pin::pin, rc::Rc, time::Duration,
};

use hyper::{
    Response,
    body::{Body, Bytes, Incoming},
    header::{AUTHORIZATION, HOST, HeaderMap, HeaderName, ORIGIN},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{net::TcpStream, task::LocalSet};

use crate::{
    AccessPolicy, Answer, Refusal, Request,
    answer::Either,
    connections::{Activity, Connections},
    limits,
    socket::Socket,
};

/// The pause after a connection could not be accepted, such as for want of file descriptors.
const PAUSE: Duration = Duration::from_millis(50);

/// Serves the requests to `listener` that `policy` accepts, on this thread, for ever.
///
/// A panic in `answer` ends that one connection.
///
/// # Errors
///
/// When the system refuses a runtime.
///
/// ```no_run
/// use hotpath_http::{Answer, AccessPolicy, listen, serve};
/// let at = listen([127, 0, 0, 1].into(), [0])?;
/// std::thread::spawn(|| serve(at.listener, AccessPolicy::default(), |request| Answer::text(request.path.to_owned())));
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn serve(
    listener: TcpListener,
    policy: AccessPolicy,
    answer: impl Fn(&Request<'_>) -> Answer + 'static,
) -> io::Result<Infallible> {
    serve_with(listener, policy, move |request: hyper::Request<Incoming>| {
        let (method, uri) = (request.method().as_str(), request.uri());
        let query = uri.query().unwrap_or_default();
        let answer = answer(&Request { method, path: uri.path(), query });
        std::future::ready(answer.into_response())
    })
}

/// Serves requests with a service of hyper's: for answers that take time, or that need the body of the request.
///
/// Everything runs in a current-thread runtime of tokio's, with a `LocalSet`.
///
/// # Errors
///
/// When the system refuses a runtime.
pub fn serve_with<S, F, B>(listener: TcpListener, policy: AccessPolicy, service: S) -> io::Result<Infallible>
where
    S: Fn(hyper::Request<Incoming>) -> F + 'static,
    F: Future<Output = Response<B>> + 'static,
    B: Body<Data = Bytes> + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    let server = Rc::new(Server { policy, service, connections: Connections::default() });
    LocalSet::new().block_on(&runtime, accept(listener, server))
}

/// The state that all connections share.
struct Server<S> {
    policy: AccessPolicy,
    service: S,
    connections: Connections,
}

async fn accept<S, F, B>(listener: TcpListener, server: Rc<Server<S>>) -> io::Result<Infallible>
where
    S: Fn(hyper::Request<Incoming>) -> F + 'static,
    F: Future<Output = Response<B>> + 'static,
    B: Body<Data = Bytes> + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let listener = tokio::net::TcpListener::from_std(listener)?;
    loop {
        match listener.accept().await {
            Ok((stream, _)) if server.connections.make_room() => open(&server, stream),
            Ok(_) => {} // all are being answered: this one is refused
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

fn open<S, F, B>(server: &Rc<Server<S>>, stream: TcpStream)
where
    S: Fn(hyper::Request<Incoming>) -> F + 'static,
    F: Future<Output = Response<B>> + 'static,
    B: Body<Data = Bytes> + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let _it_is_slower = stream.set_nodelay(true);
    let (number, activity) = (server.connections.number(), Rc::new(Activity::new()));
    let (shared, own) = (Rc::clone(server), Rc::clone(&activity));
    let connection = async move {
        let _ends = OnDrop(|| shared.connections.remove(number)); // also when it panics
        handle_connection(&shared, stream, &own).await;
    };
    let task = tokio::task::spawn_local(connection).abort_handle();
    server.connections.add(number, activity, task);
}

struct OnDrop<F: Fn()>(F);

impl<F: Fn()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// Handles one connection to its end. Its errors are its peer's.
async fn handle_connection<S, F, B>(server: &Rc<Server<S>>, stream: TcpStream, activity: &Rc<Activity>)
where
    S: Fn(hyper::Request<Incoming>) -> F + 'static,
    F: Future<Output = Response<B>> + 'static,
    B: Body<Data = Bytes> + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let service = service_fn(|request: hyper::Request<Incoming>| {
        let (server, activity) = (Rc::clone(server), Rc::clone(activity));
        async move {
            if let Err(refusal) = authorize(&server.policy, &request) {
                return Ok(Answer::refusal(&refusal).into_response().map(Either::Ours));
            }
            activity.request_started();
            let response = (server.service)(request).await;
            activity.request_ended();
            Ok::<_, Infallible>(response.map(|body| Either::Theirs(Box::pin(body))))
        }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(limits::REQUEST);
    builder.max_buf_size(limits::HEAD).half_close(true);
    let _its_peer_knows = pin!(builder.serve_connection(TokioIo::new(Socket::new(stream)), service)).await;
}

fn authorize(policy: &AccessPolicy, request: &hyper::Request<Incoming>) -> Result<(), Refusal> {
    let headers = request.headers();
    if headers.len() > limits::HEADERS {
        return Err(Refusal { status: 431, reason: "the request has too many headers".into() });
    }
    policy.check(
        host(request),
        one(headers, &ORIGIN),
        headers.get(AUTHORIZATION).map(|value| value.as_bytes()),
    )?;
    if request.body().size_hint().lower() > limits::BODY as u64 {
        return Err(Refusal::new(413, "the request's body is too large"));
    }
    Ok(())
}

/// Returns the host of a request; `None` if there are two.
fn host(request: &hyper::Request<Incoming>) -> Option<&str> {
    let mut named = request.headers().get_all(HOST).iter();
    let host = named.next()?.to_str().ok()?;
    let in_line = request.uri().authority().map(|authority| authority.as_str());
    (named.next().is_none() && in_line.is_none_or(|other| other == host)).then_some(host)
}

/// Returns a header; empty, which is no origin, if it is not text or there twice.
fn one<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    Some(if values.next().is_some() { "" } else { value.to_str().unwrap_or_default() })
}
