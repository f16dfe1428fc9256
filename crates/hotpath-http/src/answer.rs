//! Requests and answers.

use std::{
    convert::Infallible,
    error::Error,
    pin::Pin,
    task::{Context, Poll},
};

use hyper::{
    Response,
    body::{Body, Bytes, Frame, SizeHint},
    header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, WWW_AUTHENTICATE},
};

use crate::Refusal;

/// A request, after all checks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request<'a> {
    /// `GET`, `POST`, …
    pub method: &'a str,
    /// The path as it was sent, without a query.
    pub path: &'a str,
    /// The query as it was sent, without the question mark; empty if there was none.
    pub query: &'a str,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The type of the body.
    pub content_type: &'static str,
    /// The body.
    pub body: String,
    /// The methods of the path, for a request with another one.
    pub allow: Option<&'static str>,
}

impl Answer {
    /// Returns an answer with JSON.
    #[must_use]
    pub fn json(status: u16, body: String) -> Self {
        Self { status, content_type: "application/json", body, allow: None }
    }

    /// Returns an answer with plain text.
    #[must_use]
    pub fn text(body: String) -> Self {
        Self { status: 200, content_type: "text/plain; charset=utf-8", body, allow: None }
    }

    /// Returns an answer with the object `{"error": reason}`.
    ///
    /// ```
    /// # use hotpath_http::Answer;
    /// assert_eq!(Answer::error(404, "no \"x\"").body, r#"{"error":"no \"x\""}"#);
    /// ```
    #[must_use]
    pub fn error(status: u16, reason: &str) -> Self {
        let mut body = String::from("{\"error\":\"");
        for char in reason.chars() {
            match char {
                '"' | '\\' => body.extend(['\\', char]),
                char if char.is_control() => body.push_str(&format!("\\u{:04x}", u32::from(char))),
                char => body.push(char),
            }
        }
        body.push_str("\"}");
        Self::json(status, body)
    }

    pub(crate) fn refusal(refusal: &Refusal) -> Self {
        Self::error(refusal.status, &refusal.reason)
    }

    pub(crate) fn into_response(self) -> Response<Whole> {
        let mut response = Response::new(Whole::of(self.body.into_bytes()));
        // An invalid status would be an error of ours.
        *response.status_mut() = self.status.try_into().unwrap_or(hyper::StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        if let Some(allow) = self.allow {
            headers.insert(ALLOW, HeaderValue::from_static(allow));
        }
        if self.status == 401 {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        guard(headers);
        response
    }
}

/// Sets the headers of every answer: nothing is cached, and no page of another origin can use it as something else.
fn guard(headers: &mut hyper::HeaderMap) {
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(HeaderName::from_static("x-content-type-options"), HeaderValue::from_static("nosniff"));
    let policy = HeaderName::from_static("cross-origin-resource-policy");
    headers.insert(policy, HeaderValue::from_static("same-origin"));
}

/// A body that is complete.
#[derive(Clone, Debug)]
pub struct Whole(Option<Bytes>);

impl Whole {
    /// Returns a body of these bytes.
    #[must_use]
    pub fn of(bytes: impl Into<Bytes>) -> Self {
        Self(Some(bytes.into()).filter(|bytes| !bytes.is_empty()))
    }
}

impl Body for Whole {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}

/// A body of this crate or of the service.
pub(crate) enum Either<B> {
    Ours(Whole),
    Theirs(Pin<Box<B>>),
}

impl<B: Body<Data = Bytes>> Body for Either<B>
where
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match self.get_mut() {
            Self::Ours(body) => Pin::new(body).poll_frame(context).map_err(|never| match never {}),
            Self::Theirs(body) => body.as_mut().poll_frame(context).map_err(Into::into),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Ours(body) => body.is_end_stream(),
            Self::Theirs(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Ours(body) => body.size_hint(),
            Self::Theirs(body) => body.size_hint(),
        }
    }
}
