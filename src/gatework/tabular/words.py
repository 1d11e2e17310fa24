"""Words that stand in tables beside the data: of headers, totals, remarks and units."""

from __future__ import annotations

import re

_HEADERS = """
ausfälle störungen menge stückzahl erlös umsätze verkäufe märz zählerstand außentemperatur größe
gerät maßnahme höhe länge gesamtzahl wärme kälte öl straße münchen köln düsseldorf zürich
année défauts défaillances numéro quantité température énergie février décembre août durée
unité données général société período año averías número días producción índice energía unión
mês não avarias período produção variação preço
måned beløb område år mängd försäljning månad fejl överföring päivä määrä myynti kesäkuu
miesiąc sprzedaż wartość ilość liczba październik wrzesień czas źródło łódź
měsíc počet poruch tržby množství částka červen říjen září den týden čas dátum měření
hónap időszak idő dátum év érték mennyiség összeg darabszám hőmérséklet
lună dată valoare număr vânzări cantitate količina prihodi številka
tarih yıl satış arıza miktar değer gün şehir sayı
дата месяц год день неделя время час период квартал отказы отказов продажи количество сумма цена
число выручка номер температура значение показатель январь февраль март апрель май июнь июль
август сентябрь октябрь ноябрь декабрь итого всего неисправности расход
日期 时间 月份 年份 年月 年 月 日 周 季度
故障 故障数 数量 销量 销售 销售额 收入 温度 金额 合计 编号 名称 产量
時間 年度 數量 銷量 銷售 銷售額 故障數 溫度 金額 合計 編號 名稱 產量 營收 次數
日付 日時 時刻 売上 売上高 件数 個数 数値 値 気温 故障件数 台数 曜日 週 販売数 出荷数 合計 小計
날짜 일자 년월 월 연도 시간 매출 수량 합계 고장 판매량 온도 금액 건수
"""
HEADERS = frozenset(_HEADERS.split())
"""Words of headers that are no ASCII, by which a short text betrays its encoding."""

_TOTALS = """
total totals subtotal subtotals sum sums grandtotal summe summen gesamt gesamtsumme insgesamt
gesamtergebnis zwischensumme endsumme somme sous-total totaux suma sumas totales totale totali
totais totaal subtotaal totalt summa razem ogółem celkem součet összesen összeg toplam
итого всего сумма 合计 总计 小计 总和 共计 合計 總計 小計 総計 总数 합계 총계 소계
average averages mean durchschnitt mittelwert moyenne promedio media média gemiddelde среднее
平均 平均值 均值 평균
"""
TOTALS = frozenset(_TOTALS.split())
"""What rows of totals and means are called, besides "Grand Total", "Total 2023" and the like."""

_TOTAL = re.compile(
    r"(?:grand|sub|total|sum|summe|gesamt|general|général|overall|running|итого|всего)"
    r"[\s-]+\S.*|.*\s(?:total|totals|summe|gesamt|ergebnis|итого)",
    re.IGNORECASE,
)
REMARK = re.compile(
    r"\s*(?:#|//|\*|©|\(c\)|※|(?:data )?(?:source|sources|note|notes|remark|remarks|copyright|"
    r"last updated?|updated|generated|exported|downloaded|created|retrieved|footnotes?|legend|"
    r"quelle|quellen|datenquelle|hinweis|anmerkung|anmerkungen|stand|erstellt|fußnote|"
    r"la source|remarque|fuente|nota|notas|fonte|bron|källa|źródło|uwaga|zdroj|forrás|kaynak|"
    r"источник|примечание|примечания|"
    r"来源|数据来源|资料来源|资料來源|資料來源|注|备注|備註|说明|說明|出典|出所|注記|備考|출처)\b\s*(?:[:：]|\b|$))",
    re.IGNORECASE,
)
"""How a line begins that says something about the table."""

_UNITS = """
s ms us µs min h d sec secs seconds minutes hours days s. kw mw gw w kwh mwh gwh wh kva v mv kv a
ma hz khz mhz ghz rpm °c °f k c f % ‰ pct percent hpa pa kpa mpa bar mbar psi m mm cm km m2 m²
m3 m³ l ml hl kg g t mg lb lbs m/s km/h mph kn mm/h w/m2 w/m² lux lx db ppm ppb µg/m3 µg/m³ mg/l
eur usd gbp chf jpy cny rmb rub € $ £ ¥ teur t€ mio mrd count counts number pcs piece
pieces stück stk anzahl n unitless dimensionless
ts rn smp avg max std tot volts volt deg degc degrees celsius kelvin watts m/sec meters/second
yyyy-mm-dd 次 个 件 元 万元 台 度 ℃ 千瓦 吨 個 円 人 шт шт. руб руб. °
"""
UNITS = frozenset(_UNITS.split())
"""What stands in a row of units without brackets around it."""


def is_total(text: str) -> bool:
    """Return whether a cell says that its row is a total.

    Example:
        >>> [is_total(text) for text in ("Total", "Grand total:", "合计", "Total 2023", "Totnes")]
        [True, True, True, True, False]
    """
    text = text.strip().strip(":：=*").strip().casefold()
    return text in TOTALS or bool(_TOTAL.fullmatch(text))


def is_unit(text: str) -> bool:
    """Return whether a cell names a unit.

    Example:
        >>> [is_unit(text) for text in ("(count)", "[kW]", "°C", "faults")]
        [True, True, True, False]
    """
    text = text.strip()
    return (
        bool(re.fullmatch(r"\([^()]*\)|\[[^\[\]]*\]|<[^<>]*>", text))
        or text.casefold().removeprefix("deg ") in UNITS
    )
