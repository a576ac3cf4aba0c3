"""v4 products: deprecated, and word for word v3's body, which is therefore what is served."""

from __future__ import annotations

from dataclasses import replace

from entrepot.api.v3.product import PRODUCT as OLDER
from entrepot.api.view import View

PRODUCT: View = replace(
    OLDER, about="Deprecated: use items.", required=("name",), single=False, by_id=True,
    deprecated=True,
)
