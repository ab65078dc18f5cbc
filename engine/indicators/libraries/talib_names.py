# SPDX-License-Identifier: Apache-2.0
"""The TA-Lib functions that are exposed, by group, as verified with TA-Lib 0.8.2.

Every one of them passed the prefix test: the value of a row does not change, to the last bit, when later rows
are added or altered. A function that a newer TA-Lib brings is not exposed before it has passed too; the tests
fail until it stands in one of the two tables.
"""

COUNTS_ROWS = "counts rows from the start of the data, so the same bar has another value when history begins elsewhere"
EXCLUDED = {"MAXINDEX": COUNTS_ROWS, "MININDEX": COUNTS_ROWS, "MINMAXINDEX": COUNTS_ROWS}
"""Functions that are left out, with the reason."""

GROUPS = {
    "Cycle Indicators": "HT_DCPERIOD HT_DCPHASE HT_PHASOR HT_SINE HT_TRENDMODE",
    "Math Operators": "ADD CUMSUM DIV MAX MIN MINMAX MULT SUB SUM",
    "Math Transform": "ACOS ASIN ATAN CEIL COS COSH EXP FLOOR LN LOG10 SIN SINH SQRT TAN TANH",
    "Momentum Indicators": (
        "AC ADX ADXR AO APO AROON AROONOSC BOP CCI CMO CMOU COPPOCK DPO DX ER ERI FOSC FRACTAL IMI KDJ MACD MACDEXT "
        "MACDFIX MFI MINUS_DI MINUS_DM MOM PLUS_DI PLUS_DM PPO QSTICK ROC ROCP ROCR ROCR100 RSI SMI STOCH STOCHF "
        "STOCHRSI TRIX TSI ULTOSC VHF VORTEX WAD WILLR"
    ),
    "Overlap Studies": (
        "ACCBANDS BBANDS DEMA DONCHIAN EMA HMA HT_TRENDLINE KAMA KC MA MAMA MAVP MIDPOINT MIDPRICE RMA SAR SAREXT SMA "
        "SUPERTREND T3 TEMA TRIMA VWMA WMA ZLEMA"
    ),
    "Pattern Recognition": (
        "CDL2CROWS CDL3BLACKCROWS CDL3INSIDE CDL3LINESTRIKE CDL3OUTSIDE CDL3STARSINSOUTH CDL3WHITESOLDIERS "
        "CDLABANDONEDBABY CDLADVANCEBLOCK CDLBELTHOLD CDLBREAKAWAY CDLCLOSINGMARUBOZU CDLCONCEALBABYSWALL "
        "CDLCOUNTERATTACK CDLDARKCLOUDCOVER CDLDOJI CDLDOJISTAR CDLDRAGONFLYDOJI CDLENGULFING CDLEVENINGDOJISTAR "
        "CDLEVENINGSTAR CDLGAPSIDESIDEWHITE CDLGRAVESTONEDOJI CDLHAMMER CDLHANGINGMAN CDLHARAMI CDLHARAMICROSS "
        "CDLHIGHWAVE CDLHIKKAKE CDLHIKKAKEMOD CDLHOMINGPIGEON CDLIDENTICAL3CROWS CDLINNECK CDLINVERTEDHAMMER "
        "CDLKICKING CDLKICKINGBYLENGTH CDLLADDERBOTTOM CDLLONGLEGGEDDOJI CDLLONGLINE CDLMARUBOZU CDLMATCHINGLOW "
        "CDLMATHOLD CDLMORNINGDOJISTAR CDLMORNINGSTAR CDLONNECK CDLPIERCING CDLRICKSHAWMAN CDLRISEFALL3METHODS "
        "CDLSEPARATINGLINES CDLSHOOTINGSTAR CDLSHORTLINE CDLSPINNINGTOP CDLSTALLEDPATTERN CDLSTICKSANDWICH CDLTAKURI "
        "CDLTASUKIGAP CDLTHRUSTING CDLTRISTAR CDLUNIQUE3RIVER CDLUPSIDEGAP2CROWS CDLXSIDEGAP3METHODS"
    ),
    "Price Transform": "AVGDEV AVGPRICE HA MEDPRICE TYPPRICE WCLPRICE",
    "Statistic Functions": (
        "BETA CORREL LINEARREG LINEARREG_ANGLE LINEARREG_INTERCEPT LINEARREG_SLOPE PERCENTILE PERCENTRANK STDDEV TSF "
        "VAR"
    ),
    "Volatility Indicators": "ADR ATR CVI MASSI NATR RVI TRANGE",
    "Volume Indicators": "AD ADOSC CMF EFI MARKETFI NVI OBV PVI PVO PVT RVOL VWAP",
}
"""Functions by TA-Lib's own groups, separated by spaces."""

OUTPUTS = {
    "HT_PHASOR": "inphase quadrature",
    "HT_SINE": "sine leadsine",
    "MINMAX": "min max",
    "AROON": "aroondown aroonup",
    "ERI": "bullpower bearpower",
    "FRACTAL": "swinghigh swinglow",
    "KDJ": "k d j",
    "MACD": "macd macdsignal macdhist",
    "MACDEXT": "macd macdsignal macdhist",
    "MACDFIX": "macd macdsignal macdhist",
    "SMI": "smi smisignal",
    "STOCH": "slowk slowd",
    "STOCHF": "fastk fastd",
    "STOCHRSI": "fastk fastd",
    "VORTEX": "plusvi minusvi",
    "ACCBANDS": "upperband middleband lowerband",
    "BBANDS": "upperband middleband lowerband",
    "DONCHIAN": "upperband middleband lowerband",
    "KC": "upperband middleband lowerband",
    "MAMA": "mama fama",
    "SUPERTREND": "supertrend trend",
    "HA": "haopen hahigh halow haclose",
}
"""Outputs of the functions that have more than one, in order."""


def _outputs() -> dict[str, tuple[str, int]]:
    named: dict[str, tuple[str, int]] = {}
    for group in GROUPS.values():
        for function in group.split():
            stem = function.lower()
            for position, output in enumerate(OUTPUTS.get(function, stem).split()):
                named[output if output.startswith(stem) else f"{stem}_{output}"] = (function, position)
    return named


NAMED = _outputs()
"""Indicator name -> (function, which of its outputs): rsi, macd, macdsignal, bbands_upperband ..."""
