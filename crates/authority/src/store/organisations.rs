//! The SQL of organisations.

use crate::organisations::{NewOrganisation, Organisation, OrganisationKind};
use crate::{AuthorityError, OrganisationId};
use ::store::{Store, Transaction};
use sqlx::Row as _;

pub(crate) async fn insert(
    transaction: &mut Transaction,
    organisation: &NewOrganisation,
) -> Result<OrganisationId, AuthorityError> {
    let row = sqlx::query(
        "INSERT INTO authority_organisation (parent, kind, code, name_zh, name_en) \
         VALUES ($1, $2, $3, $4, $5) RETURNING id",
    )
    .bind(organisation.parent.map(|parent| parent.0))
    .bind(organisation.kind.as_str())
    .bind(&organisation.code)
    .bind(&organisation.name_zh)
    .bind(&organisation.name_en)
    .fetch_one(&mut **transaction)
    .await?;
    Ok(OrganisationId(row.try_get(0)?))
}

pub(crate) async fn all(store: &Store) -> Result<Vec<Organisation>, AuthorityError> {
    let rows = sqlx::query(
        "SELECT id, parent, kind, code, name_zh, name_en FROM authority_organisation ORDER BY id",
    )
    .fetch_all(store.reader())
    .await?;
    rows.iter()
        .map(|row| {
            let kind: String = row.try_get(2)?;
            Ok(Organisation {
                id: OrganisationId(row.try_get(0)?),
                parent: row.try_get::<Option<i64>, _>(1)?.map(OrganisationId),
                kind: OrganisationKind::parse(&kind)
                    .ok_or_else(|| AuthorityError::Stored(format!("the kind {kind}")))?,
                code: row.try_get(3)?,
                name_zh: row.try_get(4)?,
                name_en: row.try_get(5)?,
            })
        })
        .collect()
}
