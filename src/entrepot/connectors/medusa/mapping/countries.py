"""Country codes: Medusa wants two small letters (and finds the tax by them), callers send two, three, or a name."""

from __future__ import annotations

# ISO 3166-1: alpha-3 and alpha-2 of each country, run together.
_CODES = """
ABWAW AFGAF AGOAO AIAAI ALAAX ALBAL ANDAD AREAE ARGAR ARMAM ASMAS ATAAQ ATFTF ATGAG AUSAU AUTAT AZEAZ BDIBI BELBE
BENBJ BESBQ BFABF BGDBD BGRBG BHRBH BHSBS BIHBA BLMBL BLRBY BLZBZ BMUBM BOLBO BRABR BRBBB BRNBN BTNBT BVTBV BWABW
CAFCF CANCA CCKCC CHECH CHLCL CHNCN CIVCI CMRCM CODCD COGCG COKCK COLCO COMKM CPVCV CRICR CUBCU CUWCW CXRCX CYMKY
CYPCY CZECZ DEUDE DJIDJ DMADM DNKDK DOMDO DZADZ ECUEC EGYEG ERIER ESHEH ESPES ESTEE ETHET FINFI FJIFJ FLKFK FRAFR
FROFO FSMFM GABGA GBRGB GEOGE GGYGG GHAGH GIBGI GINGN GLPGP GMBGM GNBGW GNQGQ GRCGR GRDGD GRLGL GTMGT GUFGF GUMGU
GUYGY HKGHK HMDHM HNDHN HRVHR HTIHT HUNHU IDNID IMNIM INDIN IOTIO IRLIE IRNIR IRQIQ ISLIS ISRIL ITAIT JAMJM JEYJE
JORJO JPNJP KAZKZ KENKE KGZKG KHMKH KIRKI KNAKN KORKR KWTKW LAOLA LBNLB LBRLR LBYLY LCALC LIELI LKALK LSOLS LTULT
LUXLU LVALV MACMO MAFMF MARMA MCOMC MDAMD MDGMG MDVMV MEXMX MHLMH MKDMK MLIML MLTMT MMRMM MNEME MNGMN MNPMP MOZMZ
MRTMR MSRMS MTQMQ MUSMU MWIMW MYSMY MYTYT NAMNA NCLNC NERNE NFKNF NGANG NICNI NIUNU NLDNL NORNO NPLNP NRUNR NZLNZ
OMNOM PAKPK PANPA PCNPN PERPE PHLPH PLWPW PNGPG POLPL PRIPR PRKKP PRTPT PRYPY PSEPS PYFPF QATQA REURE ROURO RUSRU
RWARW SAUSA SDNSD SENSN SGPSG SGSGS SHNSH SJMSJ SLBSB SLESL SLVSV SMRSM SOMSO SPMPM SRBRS SSDSS STPST SURSR SVKSK
SVNSI SWESE SWZSZ SXMSX SYCSC SYRSY TCATC TCDTD TGOTG THATH TJKTJ TKLTK TKMTM TLSTL TONTO TTOTT TUNTN TURTR TUVTV
TWNTW TZATZ UGAUG UKRUA UMIUM URYUY USAUS UZBUZ VATVA VCTVC VENVE VGBVG VIRVI VNMVN VUTVU WLFWF WSMWS YEMYE ZAFZA
ZMBZM ZWEZW
"""

_OF_THREE = {word[:3].lower(): word[3:].lower() for word in _CODES.split()}
_TWO = frozenset(_OF_THREE.values())

# The names that people write most; a name that is not here is kept as text and sent without a code.
_NAMES = {
    "united states": "us", "united states of america": "us", "u.s.a.": "us", "united kingdom": "gb", "uk": "gb",
    "great britain": "gb", "england": "gb", "scotland": "gb", "wales": "gb", "germany": "de", "deutschland": "de",
    "france": "fr", "spain": "es", "italy": "it", "portugal": "pt", "netherlands": "nl", "the netherlands": "nl",
    "belgium": "be", "austria": "at", "switzerland": "ch", "ireland": "ie", "denmark": "dk", "sweden": "se",
    "norway": "no", "finland": "fi", "poland": "pl", "czech republic": "cz", "czechia": "cz", "greece": "gr",
    "turkey": "tr", "canada": "ca", "mexico": "mx", "brazil": "br", "argentina": "ar", "australia": "au",
    "new zealand": "nz", "india": "in", "china": "cn", "japan": "jp", "south korea": "kr", "singapore": "sg",
    "israel": "il", "south africa": "za", "united arab emirates": "ae", "saudi arabia": "sa", "egypt": "eg",
    "nigeria": "ng", "kenya": "ke", "indonesia": "id", "malaysia": "my", "thailand": "th", "vietnam": "vn",
    "philippines": "ph", "pakistan": "pk", "bangladesh": "bd", "ukraine": "ua", "romania": "ro", "hungary": "hu",
}


def two_letters(country: str) -> str | None:
    """``us`` for US, USA or United States; None for what is none of these."""
    word = " ".join(country.lower().split())
    return word if word in _TWO else _OF_THREE.get(word) or _NAMES.get(word)
