"""Tests of Entrepot; packages, so that files of the same name may stand in different folders."""
