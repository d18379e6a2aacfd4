package io.rowbell.engine.config;

import io.rowbell.spi.InvalidSettingException;
import io.rowbell.spi.Secret;
import io.rowbell.spi.Setting;
import org.jspecify.annotations.Nullable;

/**
 * Where status is served.
 *
 * @param listen loopback, unless a token is given
 * @param token what requests to anything but liveness must carry; null for nothing
 */
public record HttpConfig(
    @Setting(value = "The address and port to listen on.", byDefault = "127.0.0.1:8080")
        ListenAddress listen,
    @Setting("What requests to anything but liveness must carry as their bearer token.")
        @Nullable Secret token) {
  public HttpConfig {
    if (token == null && !listen.isLoopback()) {
      throw new InvalidSettingException(
          "listen", "an address that others can reach needs a 'token'");
    }
  }
}
