//! `lucid hj212 simulate`: a device by hand, for trying a receiver.

use std::io::{Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::{Duration, Instant};

use hj212::{Decoder, Draft};
use jiff::{SignedDuration, Timestamp};
use rulebook::Decimal;
use simulator::fraud::FraudKind;

use super::fraud;
use crate::arguments::Simulate;
use crate::exit::{Exit, Failure, Outcome};
use crate::terminal::say;

pub(super) fn run(arguments: &Simulate) -> Outcome {
    if let Some(kind) = arguments.fraud.as_deref().and_then(FraudKind::parse) {
        return fraud::run(arguments, kind);
    }
    let factors = factors(&arguments.factors)?;
    let patience = Duration::from_secs(arguments.timeout.max(1));
    let key = arguments.key.as_deref().map(ingest::read_key).transpose().map_err(|problem| {
        Failure::of_use("hj212.key", format!("--key: {problem}"), "Take the key set on its page.")
    })?;
    let mut stream = connect(&arguments.to, patience)?;
    let mut decoder = Decoder::new();
    let mut unanswered = 0;
    let now = Timestamp::now();
    for minutes in (1..=i64::from(arguments.count)).rev() {
        let message = message(arguments, &factors, now, minutes);
        let sent = Instant::now();
        let sealed = key.map(|key| hj212::cipher::encrypt(&message, &key));
        stream.write_all(sealed.as_deref().unwrap_or(&message)).map_err(|error| broken(&error))?;
        let how = if sealed.is_some() { "    (SM4)" } else { "" };
        say!("> {}{how}", String::from_utf8_lossy(&message).trim_end());
        if let Some(text) = answer(&mut stream, &mut decoder)? {
            say!("< {text}    ({} ms)", sent.elapsed().as_millis());
        } else {
            unanswered += 1;
            say!("< no answer in {} s", patience.as_secs());
        }
    }
    Ok(if unanswered == 0 { Exit::Ok } else { Exit::Found })
}

fn factors(given: &[String]) -> Result<Vec<(&str, &str)>, Failure> {
    let read = given.iter().map(|text| {
        let found = text.split_once('=');
        let good = found.filter(|(code, value)| {
            !code.is_empty() && !code.contains([';', ',', '&']) && value.parse::<Decimal>().is_ok()
        });
        good.ok_or_else(|| {
            let what = format!("--factor {text:?} is no CODE=VALUE");
            Failure::of_use("hj212.factor", what, "Write for example --factor w01018=35.2.")
        })
    });
    read.collect()
}

pub(super) fn connect(to: &str, patience: Duration) -> Result<TcpStream, Failure> {
    let failed = |error: std::io::Error| {
        let what = format!("cannot connect to {to}: {error}");
        let cure = "Start a receiver with `lucid serve`, or name its address with --to.";
        Failure::of_environment("hj212.connect", what, cure)
    };
    let mut addresses = to.to_socket_addrs().map_err(failed)?;
    let none = std::io::Error::other("the name has no address");
    let address = addresses.next().ok_or_else(|| failed(none))?;
    let stream = TcpStream::connect_timeout(&address, patience).map_err(failed)?;
    stream.set_read_timeout(Some(patience)).map_err(failed)?;
    Ok(stream)
}

/// Minute values of the minute that began so many whole minutes ago.
fn message(
    arguments: &Simulate,
    factors: &[(&str, &str)],
    now: Timestamp,
    minutes_ago: i64,
) -> Vec<u8> {
    let beijing = |instant| rulebook::beijing_offset().to_datetime(instant);
    let minute = now.checked_sub(SignedDuration::from_mins(minutes_ago)).unwrap_or(now);
    let number = beijing(now).strftime("%Y%m%d%H%M%S").to_string();
    let place = u64::from(arguments.count).saturating_sub(minutes_ago.unsigned_abs()) % 1000;
    let mut draft = Draft::new("2051")
        .qn(&format!("{number}{place:03}"))
        .st(&arguments.system)
        .pw(&arguments.password)
        .mn(&arguments.mn)
        .flag(if arguments.key.is_some() { 9 } else { 5 })
        .item(&[("DataTime", &beijing(minute).strftime("%Y%m%d%H%M00").to_string())]);
    for (code, value) in factors {
        draft = draft.item(&[(&format!("{code}-Avg"), value), (&format!("{code}-Flag"), "N")]);
    }
    draft.build()
}

/// The receiver's next answer, or `None` when it keeps silent.
pub(super) fn answer(
    stream: &mut TcpStream,
    decoder: &mut Decoder,
) -> Result<Option<String>, Failure> {
    let mut buffer = [0; 4096];
    loop {
        match decoder.next_frame() {
            Some(Ok(frame)) => return Ok(Some(String::from_utf8_lossy(&frame.bytes).into_owned())),
            Some(Err(rejection)) => return Ok(Some(format!("unreadable: {rejection}"))),
            None => {}
        }
        match stream.read(&mut buffer) {
            Ok(0) => {
                let closed = std::io::Error::other("the receiver closed the connection");
                return Err(broken(&closed));
            }
            Ok(length) => decoder.push(&buffer[..length]),
            Err(error) if is_silence(&error) => return Ok(None),
            Err(error) => return Err(broken(&error)),
        }
    }
}

fn is_silence(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut)
}

pub(super) fn broken(error: &std::io::Error) -> Failure {
    let cure = "Look at the receiver's page of refused packets: is the MN known?";
    Failure::caused("hj212.connection", error, cure)
}
