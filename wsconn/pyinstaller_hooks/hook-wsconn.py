"""What PyInstaller does not find by itself: what wsconn reads as data, such as the catalogues and the template."""

from PyInstaller.utils.hooks import collect_data_files

datas = collect_data_files("wsconn")
