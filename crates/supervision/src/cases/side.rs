//! The side of a case's page: clocks, files, who is to do it, who reported, what it is linked to.

use super::act::{ACCEPTED, Tried};
use super::fields::required;
use super::parts;
use super::people::People;
use authority::Action;
use cases::{CaseView, LinkKind, SeenAs};
use maud::{Markup, html};
use web::components::section;
use web::{AppState, Reader, SignedIn};

/// Everything that the side is made from.
pub(super) struct Side<'a> {
    pub(super) state: &'a AppState,
    pub(super) reader: &'a Reader,
    pub(super) signed_in: &'a SignedIn,
    pub(super) people: &'a People,
    pub(super) view: &'a CaseView,
    pub(super) tried: Option<&'a Tried>,
}

impl Side<'_> {
    fn may(&self, action: Action) -> bool {
        self.signed_in.allowed(action, &self.view.case.subject()).is_ok()
    }

    fn is_officer(&self) -> bool {
        self.view.seen_as == SeenAs::Officer
    }

    fn to(&self, what: &str) -> String {
        format!("/cases/{}/{what}", self.view.case.id.0)
    }

    /// What was entered before it was refused.
    fn entered(&self, what: &str, name: &str) -> &str {
        let tried = self.tried.filter(|tried| tried.what == what);
        tried.map_or("", |tried| tried.entered.text(name))
    }

    pub(super) fn render(&self) -> Markup {
        let reader = self.reader;
        html! {
            (section("clocks", reader.pick("时限", "Clocks"),
                parts::clocks(reader, self.view, self.state.now())))
            @if self.is_officer() && self.may(Action::AssignCase) && self.view.case.is_open() {
                (section("assign", reader.pick("派办", "Give it to"), self.assign()))
            }
            @if self.is_officer() && self.may(Action::ActOnCase) && self.view.case.is_open() {
                (section("correct", reader.pick("更正", "Correct"), self.correcting()))
            }
            @if self.is_officer() && self.view.case.has_reporter {
                (section("reporter", reader.pick("反映人", "The reporter"), self.reporter()))
            }
            (section("evidence", reader.pick("材料", "Files"), html! {
                (parts::evidence(reader, self.people, self.view))
                @if self.may(Action::CommentOnCase) { (self.attach()) }
            }))
            (section("links", reader.pick("关联", "Linked cases"), html! {
                (parts::links(reader, &self.view.links))
                @if self.is_officer() { (self.linking()) }
            }))
            @if self.gives_claim_codes() && self.may(Action::ActOnCase) {
                (section("claim", reader.pick("领奖核销", "Pay the reward"), self.claim()))
            }
            (self.watch())
        }
    }

    fn assign(&self) -> Markup {
        let (reader, case) = (self.reader, &self.view.case);
        let unit: Vec<_> = case.responsible.into_iter().collect();
        html! {
            form class="stack" method="post" action=(self.to("assign")) {
                label {
                    (reader.pick("承办单位", "Unit"))
                    select name="unit" {
                        option value="" { (reader.pick("不变", "as it is")) }
                        (self.people.unit_options(reader, &unit))
                    }
                }
                label {
                    (reader.pick("承办人", "Officer"))
                    select name="assignee" {
                        option value="nobody" { (reader.pick("不指定", "nobody")) }
                        (self.people.user_options(reader, case.assignee))
                    }
                }
                details class="folded" {
                    summary {
                        (reader.pick("协办单位", "Helping units")) " (" (case.assisting.len()) ")"
                    }
                    label {
                        span class="hint" {
                            (reader.pick("按住 Ctrl 可多选", "hold Ctrl to choose several"))
                        }
                        select name="assisting" multiple size="6" {
                            (self.people.unit_options(reader, &case.assisting))
                        }
                    }
                    input type="hidden" name="has_assisting" value="yes";
                }
                button class="secondary" type="submit" { (reader.pick("派办", "Give")) }
            }
        }
    }

    /// Where it lies and whom it concerns, where that was taken down wrongly.
    fn correcting(&self) -> Markup {
        let (reader, case, snapshot) = (self.reader, &self.view.case, self.state.snapshot());
        let was_tried = self.tried.is_some_and(|tried| tried.what == "correct");
        html! {
            details class="folded" open[was_tried] {
                summary { (reader.pick("区县、涉及企业", "Division and enterprise")) }
                form class="stack" method="post" action=(self.to("correct")) {
                    label {
                        (reader.pick("区县", "Division"))
                        select name="division" {
                            @for row in crate::place::in_force(&snapshot) {
                                option value=(row.code) selected[row.code == case.division] {
                                    (reader.name(&row.name))
                                }
                            }
                        }
                    }
                    label {
                        (reader.pick("企业编码,不涉及则留空", "Enterprise by its code, or empty"))
                        input name="enterprise" list="correct-enterprises"
                            value=(case.enterprise.as_deref().unwrap_or_default());
                        datalist id="correct-enterprises" {
                            @for one in snapshot.enterprises() {
                                option value=(one.code) { (reader.name(&one.name)) }
                            }
                        }
                    }
                    p class="hint" {
                        (reader.pick("更换企业后,新企业看不到此前推送给原企业的内容。",
                            "Another enterprise does not see what was shared with the first."))
                    }
                    button class="secondary" type="submit" { (reader.pick("更正", "Correct")) }
                }
            }
        }
    }

    fn reporter(&self) -> Markup {
        let reader = self.reader;
        html! {
            p {
                (reader.pick("姓名、电话等个人信息加密保存,企业永远看不到。",
                    "Name and phone are sealed; the enterprise never sees them."))
            }
            @if self.may(Action::ReadPersonalData) {
                p { a class="button" href=(self.to("personal-data")) {
                    (reader.pick("填写理由后查看", "Give a reason and look"))
                } }
                p class="hint" {
                    (reader.pick("每次查看都写入审计记录。", "Each look is written into the audit."))
                }
            } @else {
                p class="muted" {
                    (reader.pick("您的角色不能查看。", "Your roles do not let you look."))
                }
            }
        }
    }

    fn attach(&self) -> Markup {
        let reader = self.reader;
        html! {
            details class="folded" open[self.tried.is_some_and(|tried| tried.what == "attach")] {
                summary { (reader.pick("添加材料", "Add files")) }
                form class="stack" method="post" enctype="multipart/form-data"
                    action=(self.to("attach")) {
                    label {
                        (reader.pick("文件", "Files")) (required(reader))
                        input type="file" name="files" multiple required accept=(ACCEPTED);
                    }
                    @if self.is_officer() {
                        label {
                            (reader.pick("谁可以看", "Who sees it"))
                            select name="visibility" {
                                option value="internal" {
                                    (reader.pick("内部", "the administration"))
                                }
                                option value="parties" {
                                    (reader.pick("当事方(反映人、已推送的企业)",
                                        "the parties: reporter, enterprise"))
                                }
                                option value="public" {
                                    (reader.pick("随结果公开", "everybody, with the result"))
                                }
                            }
                        }
                    }
                    button class="secondary" type="submit" { (reader.pick("上传", "Send")) }
                }
            }
        }
    }

    fn linking(&self) -> Markup {
        let reader = self.reader;
        html! {
            p { a href=(self.to("duplicates")) {
                (reader.pick("查找疑似重复件,对比与合并", "Look for duplicates, compare and merge"))
            } }
            @if self.may(Action::ActOnCase) {
                details class="folded" open[self.tried.is_some_and(|tried| tried.what == "link")] {
                    summary { (reader.pick("添加关联", "Link another case")) }
                    form class="stack" method="post" action=(self.to("link")) {
                        label {
                            (reader.pick("关系", "How"))
                            select name="kind" {
                                @for kind in [LinkKind::CausedBy, LinkKind::Follows] {
                                    option value=(kind.as_str()) { (reader.text(&kind.text())) }
                                }
                            }
                        }
                        label {
                            (reader.pick("对方编号", "Number of the other")) (required(reader))
                            input name="other" required maxlength="40"
                                value=(self.entered("link", "other"));
                        }
                        button class="secondary" type="submit" { (reader.pick("关联", "Link")) }
                    }
                }
            }
        }
    }

    fn gives_claim_codes(&self) -> bool {
        let kind = &self.view.kind;
        let issues = |id: &str| kind.transition(id).is_some_and(|way| way.issues_claim_code);
        let was_issued = self.view.timeline.iter().any(|event| issues(&event.about));
        self.is_officer() && was_issued
    }

    fn claim(&self) -> Markup {
        let reader = self.reader;
        html! {
            form class="stack" method="post" action=(self.to("claim")) {
                label {
                    (reader.pick("举报人出示的领奖码", "The claim code that is shown"))
                    (required(reader))
                    input name="code" required autocomplete="off" maxlength="80";
                }
                p class="hint" {
                    (reader.pick("凭码领奖,不问姓名;每个码只能用一次。",
                        "Who shows the code is paid, without a name; a code works once."))
                }
                button class="secondary" type="submit" { (reader.pick("核销", "Take it in")) }
            }
        }
    }

    fn watch(&self) -> Markup {
        let (reader, watched) = (self.reader, self.view.is_watched);
        html! {
            @if self.is_officer() && self.signed_in.principal().user.is_some() {
                form method="post" action=(self.to("watch")) {
                    input type="hidden" name="watch" value=(if watched { "no" } else { "yes" });
                    button class="secondary" type="submit" {
                        @if watched {
                            (reader.pick("取消关注", "Watch no more"))
                        } @else {
                            (reader.pick("关注此事项", "Watch this case"))
                        }
                    }
                }
            }
        }
    }

    /// A remark, above the timeline that it becomes a part of.
    pub(super) fn comment(&self) -> Markup {
        let reader = self.reader;
        html! {
            @if self.may(Action::CommentOnCase) {
                details class="folded"
                    open[self.tried.is_some_and(|tried| tried.what == "comment")] {
                    summary { (reader.pick("写批注", "Write a remark")) }
                    form class="stack" method="post" action=(self.to("comment")) {
                        label for="comment-text" {
                            (reader.pick("内容", "Remark")) (required(reader))
                        }
                        textarea id="comment-text" name="text" rows="3" required maxlength="4000" {
                            (self.entered("comment", "text"))
                        }
                        @if self.is_officer() {
                            label class="choice" {
                                input type="checkbox" name="public" value="yes";
                                (reader.pick("反映人和已推送的企业也可见",
                                    "the reporter and the enterprise read it as well"))
                            }
                        }
                        button class="secondary" type="submit" { (reader.pick("保存", "Store")) }
                    }
                }
            }
        }
    }
}
