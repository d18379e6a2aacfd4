package io.rowbell.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StringMapJsonTest {
  @Test
  void writesAnObjectThatOthersRead() {
    assertThat(StringMapJson.write(Map.of())).isNull();
    assertThat(StringMapJson.write(Map.of("a", "x\"\\\n\u001fé😀")))
        .isEqualTo("{\"a\":\"x\\\"\\\\\\u000a\\u001fé😀\"}");
  }

  @Test
  void readsWhatItWrote() {
    Map<String, String> map = Map.of("", "", "a", "1\t2\r\n\b\f\u0000", "é", "😀\"\\/", "z", "{}");
    assertThat(StringMapJson.read(StringMapJson.write(map))).isEqualTo(map);
    assertThat(StringMapJson.read(null)).isEmpty();
  }

  @Test
  void readsWhatOthersWrite() {
    assertThat(StringMapJson.read(" { \"a\" : \"\\u00e9\\/\\b\\f\\n\\r\\t\" ,\n\"b\":\"\" } "))
        .isEqualTo(Map.of("a", "é/\b\f\n\r\t", "b", ""));
    assertThat(StringMapJson.read("{}")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "{\"a\"}",
        "{\"a\":1}",
        "{\"a\":\"b",
        "{\"a\":\"b\",}",
        "{\"a\":\"\\u1\""
      })
  void refusesWhatIsNoObjectOfStrings(String text) {
    assertThatThrownBy(() -> StringMapJson.read(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
