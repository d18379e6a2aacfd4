package io.rowbell.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.Headers;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CallerTest {
  @ParameterizedTest
  @CsvSource({
    "localhost, true",
    "localhost:8080, true",
    "127.0.0.1:8080, true",
    "127.1.2.3, true",
    "[::1]:8080, true",
    "rebound.example, false",
    "localhost.example:8080, false",
    "127.0.0.1.example, false",
    "'', false"
  })
  void withoutATokenOnlyThisMachineByItsOwnNameIsTrusted(String host, boolean trusted) {
    Headers headers = new Headers();
    headers.set("Host", host);
    assertThat(new Caller(null).mayLook(headers)).isTrue();
    assertThat(new Caller(null).isTrusted(headers)).isEqualTo(trusted);
  }

  @ParameterizedTest
  @CsvSource({"Bearer secret, true", "Bearer wrong, false", "secret, false"})
  void withATokenWhoKnowsItIsTrustedFromEverywhere(String given, boolean trusted) {
    Headers headers = new Headers();
    headers.set("Host", "db1.example:8080");
    headers.set("Authorization", given);
    assertThat(new Caller("secret").mayLook(headers)).isEqualTo(trusted);
    assertThat(new Caller("secret").isTrusted(headers)).isEqualTo(trusted);
  }
}
