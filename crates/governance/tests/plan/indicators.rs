//! Values of indicators: computed from observations, kept with what entered, the same each time,
//! superseded by late data.

use crate::city::{City, FIRST_DAY, city, migrations};
use authority::{Jurisdiction, Role};
use axum::http::StatusCode;
use governance::indicators::compute;
use jiff::Span;
use serde_json::Value;

const STATION: &str = "9901A";

async fn three_days(city: &City) {
    // Days 1 and 2 are good, day 3 is not: 150 µg/m³ of PM2.5.
    for (back, pm25) in [(3, 20), (2, 40), (1, 150)] {
        city.air(STATION, FIRST_DAY - Span::new().days(back), pm25, 0).await;
    }
}

async fn indicator(city: &City, cookie: &str, id: &str) -> Value {
    let answer = city.get(&format!("/api/v1/indicators/{id}"), cookie).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.json()
}

/// The value that holds for a year.
fn of_year(indicator: &Value, year: i64) -> Value {
    let years = indicator["years"].as_array().expect("years");
    let holds = |it: &&Value| it["year"] == year && it["superseded_at"].is_null();
    years.iter().find(holds).unwrap_or_else(|| panic!("no {year}: {indicator:#}")).clone()
}

#[tokio::test]
async fn values_come_from_observations_and_late_data_supersede_them() {
    testkit::on_both(&migrations(), async |store| {
        let city = city(&store, "example").await;
        three_days(&city).await;
        let (leader, _) = city.person("leader", Role::Leader, Jurisdiction::Everything, None).await;
        let first = compute(&city.state).await.expect("computed");
        assert!(first.computed > 0 && first.changed == first.computed, "{first:?}");

        let good = indicator(&city, &leader, "air_good_day_share").await;
        let value = of_year(&good, 2026);
        assert_eq!((&value["value"], &value["counted"]), (&"66.7".into(), &3.into()), "{good:#}");
        assert_eq!(value["provisional"], true);
        let mean = indicator(&city, &leader, "air_pm25_mean").await;
        assert_eq!(of_year(&mean, 2026)["value"], "70.0");
        // Each value that entered has its day and the page of its origin.
        let inputs = mean["inputs"].as_array().expect("inputs");
        let values: Vec<&str> = inputs.iter().filter_map(|it| it["value"].as_str()).collect();
        assert_eq!(values, ["20", "40", "150"]);
        let page = inputs[2]["page"].as_str().expect("a page");
        let day = city.get(page, &leader).await;
        assert_eq!(day.status, StatusCode::OK, "{page}");
        assert!(day.body.contains("/packets/"), "the day leads to packets: {page}");

        // The same again changes nothing.
        assert_eq!(compute(&city.state).await.expect("computed").changed, 0);

        // The third day comes again, with other values.
        city.air(STATION, FIRST_DAY - Span::new().days(1), 30, 90_000).await;
        assert!(compute(&city.state).await.expect("computed").changed > 0);
        let mean = indicator(&city, &leader, "air_pm25_mean").await;
        assert_eq!(of_year(&mean, 2026)["value"], "30.0");
        let before: Vec<&Value> = mean["years"]
            .as_array()
            .expect("years")
            .iter()
            .filter(|it| it["superseded_at"].is_string())
            .collect();
        assert_eq!(before.len(), 1, "the earlier value stays: {mean:#}");
        assert_eq!(before[0]["value"], "70.0");
    })
    .await;
}

#[tokio::test]
async fn what_nobody_delivered_is_said_and_a_reported_value_takes_its_place() {
    testkit::on_both(&migrations(), async |store| {
        let city = city(&store, "example").await;
        compute(&city.state).await.expect("computed");
        let (leader, _) = city.person("leader", Role::Leader, Jurisdiction::Everything, None).await;
        let sewers = indicator(&city, &leader, "donghu_sewers").await;
        let lack = of_year(&sewers, 2026)["no_data"].clone();
        assert_eq!(lack["delivers"]["en"], "the housing and construction bureau");

        let form = "year=2026&value=41.5&source=Bulletin+3";
        let path = "/plan/indicators/donghu_sewers/report";
        let answer = city.post(path, &leader, form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        let sewers = indicator(&city, &leader, "donghu_sewers").await;
        assert_eq!(of_year(&sewers, 2026)["value"], "41.5");
        assert_eq!(sewers["inputs"][0]["key"], "Bulletin 3");
        let plan = city.get("/api/v1/plan", &leader).await.json();
        let second = &plan["measures"][1];
        assert_eq!(second["targets"][0]["state"], "met", "{second:#}");
        assert_eq!(second["state"], "on_track");

        for wrong in
            ["year=1800&value=1&source=a", "year=2026&value=x&source=a", "year=2026&value=1"]
        {
            let answer = city.post(path, &leader, wrong).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{wrong}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_reported_baseline_lets_a_change_be_computed() {
    let test = testkit::sqlite(&migrations()).await;
    let city = city(&test.store, "zhangzhou").await;
    let snapshot = city.state.snapshot();
    let national: Vec<String> = snapshot
        .points_of(registry::PointKind::AirStation)
        .filter(|point| match &point.detail {
            registry::PointDetail::AirStation(air) => {
                air.network == "national" && !air.is_control_point
            }
            _ => false,
        })
        .filter(|point| point.is_in_operation(FIRST_DAY))
        .map(|point| point.code.clone())
        .collect();
    for station in &national {
        city.air(station, FIRST_DAY - Span::new().days(1), 18, 0).await;
    }
    let (leader, _) = city.person("leader", Role::Leader, Jurisdiction::Everything, None).await;
    let form = "year=2020&value=20&source=Bulletin+2020";
    let path = "/plan/indicators/air_pm25_mean/report";
    assert_eq!(city.post(path, &leader, form).await.status, StatusCode::SEE_OTHER);
    let change = indicator(&city, &leader, "air_pm25_change_2020").await;
    assert_eq!(of_year(&change, 2026)["value"], "-10.0");
    let plan = city.get("/api/v1/plan", &leader).await.json();
    let targets = plan["measures"][2]["targets"].as_array().expect("targets").clone();
    let pm25 = targets.iter().find(|it| it["id"] == "pm25_2025").expect("the target");
    assert_eq!((&pm25["state"], &pm25["value_year"]), (&"met".into(), &2026.into()), "{pm25:#}");
    let ozone = targets.iter().find(|it| it["id"] == "ozone_2025").expect("the target");
    assert_eq!(ozone["state"], "open", "a value that nobody has decided is not invented");
}
