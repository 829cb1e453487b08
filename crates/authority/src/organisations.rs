//! Organisations (组织机构): a tree from the city to the grid cell, departments beside, enterprises,
//! institutions and banks outside it.

use crate::audit::{Actor, Record, record};
use crate::{Authority, AuthorityError, OrganisationId, store};
use jiff::Timestamp;

/// What an organisation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OrganisationKind {
    /// The city (市).
    City,
    /// A county or district (县、区).
    County,
    /// A development zone (开发区).
    Zone,
    /// A town or subdistrict (乡镇、街道).
    Town,
    /// A cell of the grid (网格).
    GridCell,
    /// A department (部门).
    Department,
    /// An enterprise (企业).
    Enterprise,
    /// A third-party institution (第三方机构).
    Institution,
    /// A bank (银行).
    Bank,
}

impl OrganisationKind {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::City,
        Self::County,
        Self::Zone,
        Self::Town,
        Self::GridCell,
        Self::Department,
        Self::Enterprise,
        Self::Institution,
        Self::Bank,
    ];

    /// The word under which it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::City => "city",
            Self::County => "county",
            Self::Zone => "zone",
            Self::Town => "town",
            Self::GridCell => "grid_cell",
            Self::Department => "department",
            Self::Enterprise => "enterprise",
            Self::Institution => "institution",
            Self::Bank => "bank",
        }
    }

    /// What it is called in Chinese and English.
    pub const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::City => ("市", "city"),
            Self::County => ("县区", "county"),
            Self::Zone => ("开发区", "zone"),
            Self::Town => ("乡镇街道", "town"),
            Self::GridCell => ("网格", "grid cell"),
            Self::Department => ("部门", "department"),
            Self::Enterprise => ("企业", "enterprise"),
            Self::Institution => ("第三方机构", "institution"),
            Self::Bank => ("银行", "bank"),
        }
    }

    /// The kind of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Whether it stands outside the tree of the administration.
    pub const fn is_outside(self) -> bool {
        matches!(self, Self::Enterprise | Self::Institution | Self::Bank)
    }
}

/// An organisation in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organisation {
    /// Its number.
    pub id: OrganisationId,
    /// The one above.
    pub parent: Option<OrganisationId>,
    /// What it is.
    pub kind: OrganisationKind,
    /// The code of the division, department or enterprise.
    pub code: String,
    /// Its name in Chinese.
    pub name_zh: String,
    /// Its name in English.
    pub name_en: String,
}

/// An organisation to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOrganisation {
    /// The one above; none for the city and for those outside the tree.
    pub parent: Option<OrganisationId>,
    /// What it is.
    pub kind: OrganisationKind,
    /// The code of the division, department or enterprise.
    pub code: String,
    /// Its name in Chinese.
    pub name_zh: String,
    /// Its name in English.
    pub name_en: String,
}

impl Authority {
    /// Every organisation, in the order in which they were added.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn organisations(&self) -> Result<Vec<Organisation>, AuthorityError> {
        store::organisations::all(&self.store).await
    }

    /// Adds an organisation; gives the one that has its kind and code where there is one.
    ///
    /// # Errors
    /// When it has no code or name, its parent is missing or not allowed, or the store fails.
    pub async fn add_organisation(
        &self,
        actor: &Actor,
        new: &NewOrganisation,
        now: Timestamp,
    ) -> Result<OrganisationId, AuthorityError> {
        if new.code.trim().is_empty() || new.name_zh.trim().is_empty() {
            return Err(AuthorityError::Input(
                "组织机构须有编码和中文名称",
                "an organisation needs a code and a Chinese name",
            ));
        }
        if new.kind.is_outside() && new.parent.is_some() {
            return Err(AuthorityError::Input(
                "企业、第三方机构和银行不属于行政组织树,不能有上级",
                "enterprises, institutions and banks stand outside the tree: none is above them",
            ));
        }
        let all = self.organisations().await?;
        let is_same = |known: &&Organisation| known.kind == new.kind && known.code == new.code;
        if let Some(known) = all.iter().find(is_same) {
            return Ok(known.id);
        }
        if new.parent.is_some_and(|parent| all.iter().all(|known| known.id != parent)) {
            return Err(AuthorityError::Input(
                "没有这个上级组织",
                "the organisation above is not known",
            ));
        }
        let mut transaction = self.store.begin().await?;
        let id = store::organisations::insert(&mut transaction, new).await?;
        let after = serde_json::json!({ "kind": new.kind.as_str(), "code": new.code,
            "name": new.name_zh, "parent": new.parent.map(|parent| parent.0) });
        let written = Record {
            at: now,
            actor,
            action: "organisation.add",
            subject: format!("organisation {}", id.0),
            before: None,
            after: Some(after.to_string()),
        };
        record(&mut transaction, written).await?;
        transaction.commit().await?;
        Ok(id)
    }
}
