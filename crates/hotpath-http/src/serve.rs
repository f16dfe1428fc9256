//! The server: accepts, checks, hands on.

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
    Answer, Door, Refusal, Request,
    answer::Either,
    connections::{Connections, Life},
    limits,
    socket::Socket,
};

/// How long nothing is accepted after that failed, such as for want of file descriptors.
const PAUSE: Duration = Duration::from_millis(50);

/// Answers what comes to `listener` and passes `door`, on this thread, for ever.
///
/// A panic in `answer` ends that one connection.
///
/// # Errors
///
/// When the system gives no runtime.
///
/// ```no_run
/// use hotpath_http::{Answer, Door, listen, serve};
/// let at = listen([127, 0, 0, 1].into(), [0])?;
/// std::thread::spawn(|| serve(at.listener, Door::default(), |request| Answer::text(request.path.to_owned())));
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn serve(
    listener: TcpListener,
    door: Door,
    answer: impl Fn(&Request<'_>) -> Answer + 'static,
) -> io::Result<Infallible> {
    serve_with(listener, door, move |request: hyper::Request<Incoming>| {
        let (method, uri) = (request.method().as_str(), request.uri());
        let query = uri.query().unwrap_or_default();
        let answer = answer(&Request { method, path: uri.path(), query });
        std::future::ready(answer.into_response())
    })
}

/// The same with a service of hyper's: for answers that take time, or that need the body of the request.
///
/// Everything runs in a current-thread runtime of tokio's, with a `LocalSet`.
///
/// # Errors
///
/// When the system gives no runtime.
pub fn serve_with<S, F, B>(listener: TcpListener, door: Door, service: S) -> io::Result<Infallible>
where
    S: Fn(hyper::Request<Incoming>) -> F + 'static,
    F: Future<Output = Response<B>> + 'static,
    B: Body<Data = Bytes> + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    let house = Rc::new(House { door, service, connections: Connections::default() });
    LocalSet::new().block_on(&runtime, accept(listener, house))
}

/// What all connections share.
struct House<S> {
    door: Door,
    service: S,
    connections: Connections,
}

async fn accept<S, F, B>(listener: TcpListener, house: Rc<House<S>>) -> io::Result<Infallible>
where
    S: Fn(hyper::Request<Incoming>) -> F + 'static,
    F: Future<Output = Response<B>> + 'static,
    B: Body<Data = Bytes> + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let listener = tokio::net::TcpListener::from_std(listener)?;
    loop {
        match listener.accept().await {
            Ok((stream, _)) if house.connections.make_room() => open(&house, stream),
            Ok(_) => {} // all are being answered: this one is refused
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

fn open<S, F, B>(house: &Rc<House<S>>, stream: TcpStream)
where
    S: Fn(hyper::Request<Incoming>) -> F + 'static,
    F: Future<Output = Response<B>> + 'static,
    B: Body<Data = Bytes> + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let _it_is_slower = stream.set_nodelay(true);
    let (number, life) = (house.connections.number(), Rc::new(Life::new()));
    let (shared, own) = (Rc::clone(house), Rc::clone(&life));
    let connection = async move {
        let _ends = OnDrop(|| shared.connections.remove(number)); // also when it panics
        talk(&shared, stream, &own).await;
    };
    let task = tokio::task::spawn_local(connection).abort_handle();
    house.connections.add(number, life, task);
}

struct OnDrop<F: Fn()>(F);

impl<F: Fn()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// One connection from its beginning to its end. What goes wrong with it is its peer's matter.
async fn talk<S, F, B>(house: &Rc<House<S>>, stream: TcpStream, life: &Rc<Life>)
where
    S: Fn(hyper::Request<Incoming>) -> F + 'static,
    F: Future<Output = Response<B>> + 'static,
    B: Body<Data = Bytes> + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let service = service_fn(|request: hyper::Request<Incoming>| {
        let (house, life) = (Rc::clone(house), Rc::clone(life));
        async move {
            if let Err(refusal) = admit(&house.door, &request) {
                return Ok(Answer::refusal(&refusal).into_response().map(Either::Ours));
            }
            life.asks();
            let response = (house.service)(request).await;
            life.answered();
            Ok::<_, Infallible>(response.map(|body| Either::Theirs(Box::pin(body))))
        }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(limits::REQUEST);
    builder.max_buf_size(limits::HEAD).half_close(true);
    let _its_peer_knows = pin!(builder.serve_connection(TokioIo::new(Socket::new(stream)), service)).await;
}

fn admit(door: &Door, request: &hyper::Request<Incoming>) -> Result<(), Refusal> {
    let headers = request.headers();
    if headers.len() > limits::HEADERS {
        return Err(Refusal { status: 431, reason: "the request has too many headers".into() });
    }
    door.check(
        host(request),
        one(headers, &ORIGIN),
        headers.get(AUTHORIZATION).map(|value| value.as_bytes()),
    )?;
    if request.body().size_hint().lower() > limits::BODY as u64 {
        return Err(Refusal::new(413, "the request's body is too large"));
    }
    Ok(())
}

/// The host that was asked for. A request that names two of them names none.
fn host(request: &hyper::Request<Incoming>) -> Option<&str> {
    let mut named = request.headers().get_all(HOST).iter();
    let host = named.next()?.to_str().ok()?;
    let in_line = request.uri().authority().map(|authority| authority.as_str());
    (named.next().is_none() && in_line.is_none_or(|other| other == host)).then_some(host)
}

/// The header; what is no text, or there twice, is nobody's origin.
fn one<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    Some(if values.next().is_some() { "" } else { value.to_str().unwrap_or_default() })
}
