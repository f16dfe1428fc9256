//! `shop` is a web service that somebody instrumented with `hotpath`, to be watched while it runs.
//!
//! | request | what it does |
//! |---|---|
//! | `GET /products/7` | looks a product up and renders its page |
//! | `GET /search?word=green` | goes through all products: the slow one |
//! | `POST /orders?product=7&pieces=2` | an order, confirmed once it stands in the ledger |
//! | `GET /ledger` | the number of orders and what they are worth |
//!
//! Orders pass through a bounded channel to one clerk, who writes them into the ledger. `shop --port 0` takes a free port;
//! the first line it prints is its address. It ends on Ctrl-C, after the requests that it has.
#![forbid(unsafe_code)]

mod catalogue;
mod clerk;

use std::{net::Ipv4Addr, process::ExitCode, sync::Arc};

use axum::{
    Router,
    extract::{Path, Query, State},
    http::StatusCode,
    routing::{get, post},
};
use serde::Deserialize;
use tokio::net::TcpListener;

use catalogue::Catalogue;
use clerk::{Clerk, Order};

#[derive(Clone)]
struct Shop {
    catalogue: Arc<Catalogue>,
    clerk: Clerk,
}

#[tokio::main]
#[hotpath::main(percentiles = [50, 95, 99])]
async fn main() -> ExitCode {
    hotpath::tokio_runtime!();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let port = match arguments.as_slice() {
        [] => Some(3000),
        ["--port", port] => port.parse().ok(),
        _ => None,
    };
    let Some(port) = port else {
        eprintln!("usage: shop [--port PORT]");
        return ExitCode::from(2);
    };
    match serve(port).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("shop: port {port}: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(port: u16) -> std::io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    println!("http://{}", listener.local_addr()?);
    let shop = Shop { catalogue: Arc::new(Catalogue::new()), clerk: Clerk::hire() };
    let routes = Router::new()
        .route("/products/{number}", get(product))
        .route("/search", get(search))
        .route("/orders", post(order))
        .route("/ledger", get(ledger))
        .with_state(shop);
    axum::serve(listener, routes).with_graceful_shutdown(end()).await
}

/// Ctrl-C, or what a service manager sends.
async fn end() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut term) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = term.recv() => {}
            }
            return;
        }
    }
    let _cannot_be_watched = tokio::signal::ctrl_c().await;
}

#[hotpath::measure]
async fn product(State(shop): State<Shop>, Path(number): Path<u64>) -> Result<String, StatusCode> {
    shop.catalogue.page(number).await.ok_or(StatusCode::NOT_FOUND)
}

#[derive(Deserialize)]
struct Search {
    word: String,
}

#[hotpath::measure]
async fn search(State(shop): State<Shop>, Query(search): Query<Search>) -> String {
    shop.catalogue.search(&search.word).await.join("\n")
}

#[hotpath::measure]
async fn order(State(shop): State<Shop>, Query(order): Query<Order>) -> Result<String, StatusCode> {
    let price = shop.catalogue.price(order.product).await.ok_or(StatusCode::NOT_FOUND)?;
    let confirmed = hotpath::future!(shop.clerk.order(order, price), label = "order confirmed").await;
    confirmed.map(|number| format!("order {number}")).ok_or(StatusCode::SERVICE_UNAVAILABLE)
}

#[hotpath::measure]
async fn ledger(State(shop): State<Shop>) -> String {
    let (orders, worth) = shop.clerk.ledger().await;
    format!("{orders} orders worth {worth}")
}
