"""The sandbox's RFC 3161 time stamp service: tokens carry the clock's time and signing-certificate-v2."""

from __future__ import annotations

import os
from datetime import datetime
from typing import Any

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from pyhanko.sign.general import as_signing_certificate_v2

from connectors.signing.time_stamps import TimeStampReply

_POLICY = "1.3.6.1.4.1.4146.2.2"
_DIGESTS = {"sha256": (hashes.SHA256, 32), "sha384": (hashes.SHA384, 48), "sha512": (hashes.SHA512, 64)}


class TimeStampAuthority:
    """Answers time stamp requests; the key is held loaded."""

    def __init__(
        self, private: RSAPrivateKey, certificate: x509.Certificate, chain: tuple[x509.Certificate, ...]
    ) -> None:
        self._private = private
        self._certificate = _asn1(certificate)
        self._embedded = [self._certificate, *(_asn1(above) for above in chain)]

    def answer(self, request: bytes, now: datetime) -> bytes:
        """The DER answer to the DER ``request`` at ``now``; a bad request gets a rejection, never a token."""
        try:
            asked = tsp.TimeStampReq.load(request, strict=True)
            imprint = asked["message_imprint"]
            algorithm = imprint["hash_algorithm"]["algorithm"].native
            message = imprint["hashed_message"].native
            nonce = asked["nonce"].native
        except (ValueError, TypeError, KeyError):
            return _rejection("bad_request", "malformed request")
        if algorithm not in _DIGESTS:
            return _rejection("bad_alg", "sha256, sha384 or sha512 only")
        if len(message) != _DIGESTS[algorithm][1]:
            return _rejection("bad_data_format", "the digest has a wrong length")
        fields = {
            "version": "v1",
            "policy": tsp.ObjectIdentifier(_POLICY),
            "message_imprint": imprint,
            "serial_number": int.from_bytes(os.urandom(8), "big") | 1,
            "gen_time": core.GeneralizedTime(now),
            "tsa": asn1_x509.GeneralName(name="directory_name", value=self._certificate.subject),
        }
        if nonce is not None:
            fields["nonce"] = nonce
        token = self._token(tsp.TSTInfo(fields).dump(), algorithm, now)
        granted = tsp.PKIStatusInfo({"status": tsp.PKIStatus("granted")})
        answer: bytes = tsp.TimeStampResp({"status": granted, "time_stamp_token": token}).dump()
        return answer

    def _token(self, info: bytes, algorithm: str, now: datetime) -> cms.ContentInfo:
        content = cms.EncapsulatedContentInfo(
            {"content_type": cms.ContentType("tst_info"), "content": cms.ParsableOctetString(info)}
        )
        signed = cms.SignedData(
            {
                "version": "v3",
                "digest_algorithms": cms.DigestAlgorithms((algos.DigestAlgorithm({"algorithm": algorithm}),)),
                "encap_content_info": content,
                "certificates": self._embedded,
                "signer_infos": [self._signer(info, algorithm, now)],
            }
        )
        return cms.ContentInfo({"content_type": cms.ContentType("signed_data"), "content": signed})

    def _signer(self, info: bytes, algorithm: str, now: datetime) -> cms.SignerInfo:
        kind = _DIGESTS[algorithm][0]()
        digest = hashes.Hash(kind)
        digest.update(info)
        attributes = cms.CMSAttributes(
            [
                _attribute("content_type", "tst_info"),
                _attribute("signing_time", cms.Time({"utc_time": core.UTCTime(now)})),
                _attribute("signing_certificate_v2", as_signing_certificate_v2(self._certificate)),
                _attribute("message_digest", digest.finalize()),
            ]
        )
        issued = cms.IssuerAndSerialNumber(
            {"issuer": self._certificate.issuer, "serial_number": self._certificate.serial_number}
        )
        return cms.SignerInfo(
            {
                "version": "v1",
                "sid": cms.SignerIdentifier({"issuer_and_serial_number": issued}),
                "digest_algorithm": algos.DigestAlgorithm({"algorithm": algorithm}),
                "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": f"{algorithm}_rsa"}),
                "signed_attrs": attributes,
                "signature": self._private.sign(attributes.dump(), PKCS1v15(), kind),
            }
        )


def _rejection(failure: str, text: str) -> bytes:
    status = tsp.PKIStatusInfo(
        {
            "status": tsp.PKIStatus("rejection"),
            "status_string": [text],
            "fail_info": tsp.PKIFailureInfo({failure}),
        }
    )
    answer: bytes = TimeStampReply({"status": status}).dump()
    return answer


def _attribute(kind: str, value: Any) -> cms.CMSAttribute:
    return cms.CMSAttribute({"type": cms.CMSAttributeType(kind), "values": (value,)})


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))
