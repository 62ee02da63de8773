# Builds the store and its service, with the options of the module.
{ lib, stdenv, fetchFromGitHub, rustPlatform ? null, withTests ? true, ... }@args:

let
  version = "1.4.2";

  # Reads one setting of a file of settings.
  readSetting = file: name:
    (builtins.fromTOML (builtins.readFile file)).${name};

  /**
    The platforms that are tested.
  */
  platforms = lib.filter (p: p != "riscv64-linux") lib.platforms.linux;

  mkService = { name, port ? 8080, user ? "store" }: {
    description = "The ${name} service";
    wantedBy = [ "multi-user.target" ];
  };

  inherit (lib) optional mkIf;
in
stdenv.mkDerivation rec {
  pname = "store";
  inherit version;

  src = fetchFromGitHub {
    owner = "example";
    repo = pname;
    rev = "v${version}";
  };

  buildInputs = optional withTests rustPlatform;

  # Runs the tests of the package.
  checkPhase = ''
    cargo test --workspace
    for name in *.log; do cat "$name"; done
  '';

  passthru.tests = {
    simple = readSetting ./tests.toml "simple";
    "with-port" = mkService { name = "a"; };
  };

  meta = with lib; {
    homepage = "https://example.org";
    license = licenses.mit;
    inherit platforms;
  };
}
