package io.rowbell.language;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.language.issue.Text;
import org.junit.jupiter.api.Test;

class TableInTextTest {
  @Test
  void replacesTheTableAndKeepsEveryPlace() {
    Text text = TableInText.of(Text.of("f", "shop.{table}.{region}"), "orders");

    assertThat(text.value()).isEqualTo("shop.orders.{region}");
    assertThat(text.at(5).column()).isEqualTo(6);
    assertThat(text.at(10).column()).isEqualTo(6);
    assertThat(text.at(text.value().indexOf("region")).column()).isEqualTo(15);
    assertThat(text.at(text.value().length()).column()).isEqualTo(22);
  }

  @Test
  void leavesDoubledBracesAndDoublesThoseOfAName() {
    assertThat(TableInText.of(Text.of("f", "{{table}} {table}"), "o{x").value())
        .isEqualTo("{{table}} o{{x");
    assertThat(TableInText.of(Text.of("f", "{"), "o").value()).isEqualTo("{");
    assertThat(TableInText.of(Text.of("f", ""), "o").at(0).column()).isEqualTo(1);
  }
}
