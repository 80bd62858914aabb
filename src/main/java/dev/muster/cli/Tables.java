package dev.muster.cli;

import java.io.PrintStream;
import java.util.List;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Help.ColorScheme;
import picocli.CommandLine.Help.Column;
import picocli.CommandLine.Help.Column.Overflow;
import picocli.CommandLine.Help.TextTable;

/** Prints rows in columns as wide as they need. */
final class Tables {
  private static final int GAP = 2;
  private static final int WIDEST = 60;

  private Tables() {}

  static void print(PrintStream out, List<String> header, List<List<String>> rows) {
    Column[] columns = new Column[header.size()];
    for (int i = 0; i < columns.length; i++) {
      int column = i;
      int width =
          Math.max(
              header.get(i).length(),
              rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0));
      columns[i] = new Column(Math.min(width, WIDEST) + GAP, 0, Overflow.WRAP);
    }
    TextTable table = TextTable.forColumns(new ColorScheme.Builder(Ansi.OFF).build(), columns);
    table.addRowValues(header.toArray(new String[0]));
    rows.forEach(row -> table.addRowValues(row.toArray(new String[0])));
    table.toString().lines().map(String::stripTrailing).forEach(out::println);
  }
}
