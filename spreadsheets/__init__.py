"""Files of tables, as spreadsheets write them: CSV and XLSX. The room knows no noun of invoicing.

``reading.read_table`` reads a file that may be odd or hostile, in a process of its own with bounded memory and time.
"""
