	 FROM	--platform=linux/arm64   alpine 	 as  X  

  
from x
