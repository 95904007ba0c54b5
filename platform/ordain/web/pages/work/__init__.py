"""Long work: how far, its result, the way to stop it. Other pages show it with `build.view` and parts/work.html."""
