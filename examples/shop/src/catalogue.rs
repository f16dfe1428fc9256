//! What is sold.

use hotpath::wrap::tokio::sync::RwLock;

const PRODUCTS: u64 = 5_000;
const COLOURS: [&str; 5] = ["red", "green", "blue", "black", "white"];
const THINGS: [&str; 4] = ["chair", "table", "lamp", "shelf"];

struct Product {
    name: String,
    price: u64,
    seen: u64,
}

/// All products, behind one lock.
pub struct Catalogue {
    products: RwLock<Vec<Product>>,
}

impl Catalogue {
    pub fn new() -> Self {
        let product = |number: u64| Product {
            name: format!(
                "{} {} {number}",
                COLOURS[number as usize % COLOURS.len()],
                THINGS[number as usize % THINGS.len()]
            ),
            price: 10 + number % 90,
            seen: 0,
        };
        let products = (0..PRODUCTS).map(product).collect();
        Self { products: hotpath::rw_lock!(RwLock::new(products), label = "catalogue") }
    }

    /// The page of a product; counts who looked at it, and so needs the catalogue for itself.
    #[hotpath::measure]
    pub async fn page(&self, number: u64) -> Option<String> {
        let mut products = self.products.write().await;
        let product = products.get_mut(usize::try_from(number).ok()?)?;
        product.seen += 1;
        Some(render(product))
    }

    pub async fn price(&self, number: u64) -> Option<u64> {
        let products = self.products.read().await;
        Some(products.get(usize::try_from(number).ok()?)?.price)
    }

    /// The names with this word in them.
    #[hotpath::measure]
    pub async fn search(&self, word: &str) -> Vec<String> {
        let products = self.products.read().await;
        products.iter().filter(|product| matches(&product.name, word)).map(|p| p.name.clone()).collect()
    }
}

#[hotpath::measure]
fn render(product: &Product) -> String {
    let Product { name, price, seen } = product;
    format!("<h1>{name}</h1><p>Costs {price}, seen {seen} times</p>")
}

fn matches(name: &str, word: &str) -> bool {
    name.to_lowercase().split(' ').any(|part| part == word.to_lowercase())
}
