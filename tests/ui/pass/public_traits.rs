//! Public traits whose methods return futures, measured on either side or on both.

#![deny(warnings)]
#![forbid(unsafe_code)]

use std::future::Future;

pub mod api {
    use std::future::Future;

    pub trait Load {
        fn load(&self, key: &str) -> impl Future<Output = String> + Send;

        #[hotpath::measure]
        #[allow(async_fn_in_trait)]
        async fn load_twice(&self, key: &str) -> (String, String) {
            (self.load(key).await, self.load(key).await)
        }
    }

    #[allow(async_fn_in_trait)]
    pub trait Area<T> {
        async fn area(&self, unit: T) -> Result<T, T>;
    }

    pub struct Store<'a, T>(pub &'a str, pub T);

    impl<T: Sync> Load for Store<'_, T> {
        #[hotpath::measure]
        async fn load(&self, key: &str) -> String {
            format!("{}{key}", self.0)
        }
    }

    #[hotpath::measure_all]
    impl<'a, T: Clone> Area<&'a T> for Store<'a, T> {
        async fn area(&self, unit: &'a T) -> Result<&'a T, &'a T> {
            let known = std::future::ready(Ok(unit)).await?;
            Ok(known)
        }
    }
}

use api::{Area, Load, Store};

fn is_send<F: Future + Send>(future: F) -> F {
    future
}

fn main() {
    let store = Store("key-", 1);
    assert_eq!(futures::executor::block_on(is_send(store.load("a"))), "key-a");
    assert_eq!(futures::executor::block_on(store.load_twice("b")).1, "key-b");
    assert_eq!(futures::executor::block_on(store.area(&2)), Ok(&2));
}
