#[hotpath::measure]
fn read_orders(count: u64) -> Vec<String> {
    (0..count).map(|n| format!("order {n}: {} pieces", n % 7)).collect()
}

#[hotpath::measure(label = "count_pieces")]
fn pieces(orders: &[String]) -> usize {
    orders.iter().filter_map(|order| order.split(' ').nth(2)?.parse::<usize>().ok()).sum()
}

#[hotpath::main(percentiles = [50, 95, 99])]
fn main() {
    let mut total = 0;
    for day in 0..100 {
        let orders = read_orders(200 + day);
        total += pieces(&orders);

        hotpath::measure_block!("write_summary", {
            std::hint::black_box(format!("day {day}: {total} pieces"));
        });
    }
    println!("{total} pieces");
}
