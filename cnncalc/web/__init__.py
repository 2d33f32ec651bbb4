"""One page that answers by clicking: picture, table, formulas, costs and receptive fields, with nothing fetched."""
