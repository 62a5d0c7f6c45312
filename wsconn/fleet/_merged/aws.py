"""Where AWS' regions are: the city or the part of a country that AWS names, by its latitude and longitude in degrees.

AWS does not say where its buildings stand; a dot on a map of the world needs to be no nearer than that.
https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html has the names.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs


@attrs.frozen
class Place:
    """What a region's place is called, and where it is: degrees north and east."""

    name: str
    north: float
    east: float


AWS_REGIONS: Mapping[str, Place] = {
    "af-south-1": Place("Cape Town", -33.9, 18.4),
    "ap-east-1": Place("Hong Kong", 22.3, 114.2),
    "ap-east-2": Place("Taipei", 25.0, 121.5),
    "ap-northeast-1": Place("Tokyo", 35.7, 139.7),
    "ap-northeast-2": Place("Seoul", 37.6, 127.0),
    "ap-northeast-3": Place("Osaka", 34.7, 135.5),
    "ap-south-1": Place("Mumbai", 19.1, 72.9),
    "ap-south-2": Place("Hyderabad", 17.4, 78.5),
    "ap-southeast-1": Place("Singapore", 1.35, 103.8),
    "ap-southeast-2": Place("Sydney", -33.9, 151.2),
    "ap-southeast-3": Place("Jakarta", -6.2, 106.8),
    "ap-southeast-4": Place("Melbourne", -37.8, 145.0),
    "ap-southeast-5": Place("Malaysia", 3.1, 101.7),
    "ap-southeast-6": Place("Auckland", -36.8, 174.8),
    "ap-southeast-7": Place("Bangkok", 13.8, 100.5),
    "ca-central-1": Place("Montreal", 45.5, -73.6),
    "ca-west-1": Place("Calgary", 51.0, -114.1),
    "cn-north-1": Place("Beijing", 39.9, 116.4),
    "cn-northwest-1": Place("Ningxia", 37.5, 105.2),
    "eu-central-1": Place("Frankfurt", 50.1, 8.7),
    "eu-central-2": Place("Zurich", 47.4, 8.5),
    "eu-north-1": Place("Stockholm", 59.3, 18.1),
    "eu-south-1": Place("Milan", 45.5, 9.2),
    "eu-south-2": Place("Aragon", 41.6, -0.9),
    "eu-west-1": Place("Dublin", 53.3, -6.3),
    "eu-west-2": Place("London", 51.5, -0.1),
    "eu-west-3": Place("Paris", 48.9, 2.4),
    "il-central-1": Place("Tel Aviv", 32.1, 34.8),
    "me-central-1": Place("UAE", 24.5, 54.4),
    "me-south-1": Place("Bahrain", 26.1, 50.6),
    "mx-central-1": Place("Querétaro", 20.6, -100.4),
    "sa-east-1": Place("São Paulo", -23.5, -46.6),
    "us-east-1": Place("Northern Virginia", 39.0, -77.5),
    "us-east-2": Place("Ohio", 40.0, -83.0),
    "us-gov-east-1": Place("GovCloud, east", 40.0, -82.5),
    "us-gov-west-1": Place("GovCloud, west", 45.5, -121.0),
    "us-west-1": Place("Northern California", 37.4, -121.9),
    "us-west-2": Place("Oregon", 45.8, -119.7),
}
