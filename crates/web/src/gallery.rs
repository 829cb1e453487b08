//! The living guide to the design: every component, as the pages use it.

use crate::components::{self, Column, Table};
use crate::{AppState, Page, Reader};
use axum::extract::State;
use maud::{Markup, html};

pub(crate) async fn page(State(state): State<AppState>, reader: Reader) -> Markup {
    let air = [
        (1, "32", "优", "excellent"),
        (2, "78", "良", "good"),
        (3, "121", "轻度污染", "light pollution"),
        (4, "168", "中度污染", "moderate pollution"),
        (5, "243", "重度污染", "heavy pollution"),
        (6, "356", "严重污染", "severe pollution"),
    ];
    let water = ["Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ", "Ⅴ", "劣Ⅴ"];
    let mut table = Table::new(
        reader.pick("样表", "A table"),
        vec![Column::words(reader.pick("点位", "Point")), Column::numbers("PM2.5")],
    );
    table.row(vec![html! { "A" }, components::number("12.5".parse().ok(), 0, "µg/m³")]);
    table.row(vec![html! { "B" }, components::number(None, 0, "µg/m³")]);
    let content = html! {
        (components::section("badges", reader.pick("标识", "Badges"), html! {
            p class="row" {
                @for (level, index, zh, en) in air {
                    (components::aqi_badge(Some(level), Some(index), reader.pick(zh, en)))
                }
                (components::aqi_badge(None, None, reader.pick("无数据", "no data")))
            }
            p class="row" {
                @for (level, name) in (1_u8..).zip(water) {
                    (components::water_badge(Some(level), name))
                }
                (components::water_badge(None, reader.pick("无数据", "no data")))
            }
            p class="row" {
                (components::status_badge("good", reader.pick("在线", "online")))
                (components::status_badge("warning", reader.pick("预警", "warning")))
                (components::status_badge("bad", reader.pick("超标", "exceedance")))
                (components::status_badge("quiet", reader.pick("维护", "maintenance")))
            }
        }))
        (components::section("numbers", reader.pick("数字", "Numbers"), html! {
            div class="stats" {
                (components::stat(reader.pick("在线设备", "Devices online"), html! { "97" }, Some("/ 97")))
                (components::stat(reader.pick("每秒数据包", "Packets a second"), html! { "21.4" }, None))
            }
        }))
        (components::section("tables", reader.pick("表格", "Tables"), table.render()))
        (components::section("words", reader.pick("提示", "Words to the reader"), html! {
            (components::notice("note", html! { (reader.pick("一般提示", "A note")) }))
            (components::notice("warning", html! { (reader.pick("需要注意", "A warning")) }))
            (components::error_box(
                reader.pick("读取失败", "It could not be read"),
                reader.pick("请稍后再试", "Please try again later")))
            (components::empty(
                reader.pick("没有告警", "No alerts"),
                reader.pick("一切正常时这里是空的。", "This is empty when all is well.")))
        }))
        (components::section("forms", reader.pick("表单", "Forms"), html! {
            form class="filters" method="get" {
                label { (reader.pick("类别", "Kind")) select name="kind" { option { "A" } option { "B" } } }
                label { (reader.pick("日期", "Day")) input type="date" name="day"; }
                button type="submit" { (reader.pick("筛选", "Filter")) }
            }
        }))
        (components::section("bytes", reader.pick("字节", "Bytes"),
            components::hex_view(b"##0087QN=20160801085857223;ST=32;CN=2011;", "HJ 212")))
    };
    Page::new(reader.pick("界面样例", "Design")).render(&state, &reader, content)
}
