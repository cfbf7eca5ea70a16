"""The dashboards, one module each, in the order in which somebody who is called at night would open them."""

from deploy.grafana.pages.finality import FINALITY
from deploy.grafana.pages.overview import OVERVIEW
from deploy.grafana.pages.postgres import POSTGRES
from deploy.grafana.pages.sealer import SEALING
from deploy.grafana.pages.sector import SECTOR
from deploy.grafana.pages.slo import SLO

PAGES = (OVERVIEW, FINALITY, SEALING, SECTOR, POSTGRES, SLO)
